// Child of model-fetch-hosts.test.ts: calls once, says what came of it, and ends by itself while its connection is kept.
import { createModelFetch } from '../../../src/async/connections/model-fetch.js';

const fetch = createModelFetch({ keepAlive: '60s' });
const answer = await (await fetch(`http://127.0.0.1:${process.argv[2]}`)).text();
const { Agent } = await import('undici');
const dispatcher = (globalThis as Record<symbol, unknown>)[Symbol.for('undici.globalDispatcher.1')];
const isNodesOwn = dispatcher !== undefined && !(dispatcher instanceof Agent);
console.log(JSON.stringify({ answer, open: fetch.stats().open, isNodesOwn }));

import { AsyncProcessor } from '../../src/async/async-processor.js';

// Nothing but waiting: whatever the reason, the process must last until the work is done, and end by itself after that.
const down = Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
const done: string[] = [];

const retrying = new AsyncProcessor({ retry: { attempts: 2, backoff: 20 }, random: () => 0.99 });
await retrying.run(({ attempt }) => (attempt === 1 ? Promise.reject(down) : done.push('retry')));

const limited = new AsyncProcessor({ rateLimit: { requestsPerMinute: 1, window: 30 } });
await limited.process([1, 2, 3], () => done.push('rate'));

const broken = new AsyncProcessor({ breaker: { consecutive: 1, cooldown: 40 } });
await broken.run(() => Promise.reject(down)).catch(() => {});
await broken.process([1], () => done.push('breaker'));

const timed = new AsyncProcessor({ timeout: 20, grace: 20 });
await timed.run(() => new Promise(() => {})).catch(() => done.push('timeout'));

const paused = new AsyncProcessor();
paused.observeResponse(429, { 'retry-after-ms': '20' });
await paused.run(() => done.push('pause'));

process.stdout.write(done.join(' '));

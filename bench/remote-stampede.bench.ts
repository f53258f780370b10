// 8 processes with 1,000 callers each ask for one absent key at the same moment: how often does the loader run?
import { median } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { publish } from './publish.js';
import { startRedis } from './remote-server.js';
import { StampedeProcess } from './remote-stampede-process.js';

const PROCESSES = 8;
const CALLERS = 1_000;
const LOADER_MS = 100;
const CONTESTANTS = ['hotpath getOrSet', 'cacheable getOrSet', 'cache-manager wrap', 'bentocache getOrSet'] as const;

await publish(async ({ quick }): Promise<Report> => {
  const repetitions = quick ? 2 : 7;
  const server = await startRedis();
  const children = Array.from({ length: PROCESSES }, () => new StampedeProcess(server.url));
  try {
    const rows = [];
    for (const contestant of CONTESTANTS) {
      const built = await Promise.all(children.map((child) => child.ask({ prepare: contestant, loaderMs: LOADER_MS })));
      const runs: number[] = [];
      const ms: number[] = [];
      for (let i = 0; i < repetitions; i++) {
        // Far enough ahead that every process has its order before the moment comes.
        // A key of the contestant's own: two of them share the format of Keyv.
        const order = { key: `${contestant}:${i}`, callers: CALLERS, at: Date.now() + 100 };
        const answers = await Promise.all(children.map((child) => child.ask(order)));
        runs.push(answers.reduce((sum, answer) => sum + answer.loads, 0));
        ms.push(Math.max(...answers.map((answer) => answer.ms)));
        if (answers.some((answer) => answer.wrong > 0)) throw new Error(`${contestant} gave a caller a wrong value.`);
      }
      rows.push({
        contestant,
        version: built[0]!.version,
        'loader runs, median': median(runs),
        'loader runs, most': Math.max(...runs),
        'ms until all callers had it': median(ms),
      });
    }
    return {
      title: 'A stampede of processes on one key',
      about:
        `${PROCESSES} processes with ${CALLERS.toLocaleString('en-US')} callers each ask for one key that is absent, at one moment, over one Redis; the ` +
        `loader takes ${LOADER_MS} ms. Loader runs of all processes together. ${repetitions} repetitions, each on another key; caches ` +
        'have a memory tier before Redis, as they have in a service.',
      rows,
      figures: { loaderRuns: rows[0]!['loader runs, most'] },
    };
  } finally {
    for (const child of children) child.end();
    await server.close();
  }
});

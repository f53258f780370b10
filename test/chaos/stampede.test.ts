import { it } from 'vitest';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { ChaosWorld } from './chaos-world.js';

const PROCESSES = 8;
const CALLS = 1_000;

describeWith('a stampede', await findRedis({ private: true }), (start) => {
  it(
    `of ${PROCESSES} processes with ${CALLS} calls each for one cold key ends in one load`,
    { timeout: 60_000 },
    async (test) => {
      const { expect } = test;
      const world = new ChaosWorld(test);
      const redis = world.own(await start());
      // A machine with fewer cores than processes is late: a deadline must not be what is tested here.
      const remote = { store: redis.url, readDeadline: '10s', writeDeadline: '10s' };
      const nodes = await world.processes(Array.from({ length: PROCESSES }, () => ({ namespace: 'stampede', remote })));
      for (const row of [0, 1, 2]) {
        const before = (await Promise.all(nodes.map((node) => node.ask('loads', undefined)))).reduce((a, b) => a + b);
        const results = await Promise.all(nodes.map((node) => node.ask('burst', { row, calls: CALLS, delayMs: 300 })));
        const after = (await Promise.all(nodes.map((node) => node.ask('loads', undefined)))).reduce((a, b) => a + b);
        console.log(`stampede: slowest call ${Math.max(...results.map(({ slowestMs }) => slowestMs)).toFixed(0)} ms`);
        expect(after - before).toBe(1);
        expect(new Set(results.flatMap(({ values }) => values)).size).toBe(1);
      }
    },
  );
});

import { expect, it } from 'vitest';
import { seedOf } from '../random.js';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { NodeProcess } from './node-process.js';
import { type History, MOST_NODES, ROWS } from './random-workload.js';
import type { Sabotage } from './sabotage.js';
import { createRows, monotonicUs } from './shared-rows.js';
import { findStaleReads, type StaleRead } from './stale-reads.js';

const LONG = process.env['HOTPATH_CHAOS'] === 'long';
const RUN_MS = LONG ? 300_000 : 7_200;
/** How long after the end of a change others may see what was before it, while all is well and the machine is busy. */
const BOUND_MS = 1_000;

async function run(url: string, seed: number, forMs: number, sabotage?: Sabotage): Promise<History[]> {
  const rows = createRows(ROWS);
  const nodes = await NodeProcess.startAll(
    Array.from({ length: MOST_NODES }, (_, writer) => ({
      rows: rows.path,
      writer,
      ...(sabotage && { sabotage }),
      cache: {
        namespace: `model-${seed}-${sabotage ?? 'sound'}`,
        ttl: '5s',
        // Every second node serves stale values: those must obey as well.
        stale: writer % 2 === 0 ? 0 : '2s',
        // A machine that is late is no reason for the cache to give up: that is for other tests.
        remote: { store: url, readDeadline: '10s', writeDeadline: '10s' },
      },
    })),
  );
  try {
    for (const node of nodes) {
      node.onToken = (token) => {
        for (const other of nodes) if (other !== node) other.give(token);
      };
    }
    const beganUs = monotonicUs();
    return await Promise.all(
      nodes.map((node, owner) => node.ask('workload', { seed: seed * MOST_NODES + owner, forMs, owner, beganUs })),
    );
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    rows.remove();
  }
}

function describeStale(stale: readonly StaleRead[]): string {
  const lines = stale
    .slice(0, 10)
    .map(
      ({ rule, node, read, floor, because }) =>
        `${rule}: node ${node} ${JSON.stringify(read)} < ${floor} (${because.join('; ')})`,
    );
  return [`${stale.length} stale reads`, ...lines].join('\n');
}

describeWith('random operations of four processes on one Redis', await findRedis({ private: true }), (start) => {
  it('serve nothing that is older than an invalidation allows', { timeout: RUN_MS + 60_000 }, async () => {
    const seed = seedOf('model-check');
    const redis = await start();
    try {
      const histories = await run(redis.url, seed, RUN_MS);
      const { reads, stale, longestLagMs } = findStaleReads(histories, BOUND_MS);
      const loads = histories.reduce((sum, history) => sum + history.loads, 0);
      const changes = histories.flatMap((history) => history.changes);
      console.log(
        `model-check: ${reads} reads, ${changes.length} changes, ${loads} loads, others saw a change after ${longestLagMs.toFixed(1)} ms at the latest`,
      );
      expect(histories.flatMap(({ errors }) => errors)).toEqual([]);
      expect(changes.filter(({ remote }) => remote !== 'done')).toEqual([]);
      expect(stale.length, `SEED=${seed}\n${describeStale(stale)}`).toBe(0);
      // A cache that stores nothing would pass: this one has to serve most reads, and the changes have to come.
      expect(loads).toBeLessThan(reads / 2);
      expect(changes.length).toBeGreaterThan(500);
    } finally {
      await redis.close();
    }
  });

  it.each([
    ['deaf', 'own'],
    ['tokenless', 'token'],
  ] as const)('are found out where the cache is %s', { timeout: 60_000 }, async (sabotage, rule) => {
    const redis = await start();
    try {
      const { stale } = findStaleReads(await run(redis.url, 1, 1_500, sabotage), BOUND_MS);
      expect(stale.some((read) => read.rule === rule)).toBe(true);
    } finally {
      await redis.close();
    }
  });
});

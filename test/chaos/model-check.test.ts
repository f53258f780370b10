import { expect, it } from 'vitest';
import { seedOf } from '../random.js';
import { findRedis } from '../services/redis.js';
import { describeWith } from '../services/service.js';
import { TcpProxy } from '../services/tcp-proxy.js';
import { NodeProcess } from './node-process.js';
import { CALM_MS, type History, MOST_NODES, ROWS, STORM_MS } from './random-workload.js';
import { READ_KINDS } from './read-log.js';
import type { Sabotage } from './sabotage.js';
import { createRows, monotonicUs } from './shared-rows.js';
import { findStaleReads, type StaleRead } from './stale-reads.js';

const LONG = process.env['HOTPATH_CHAOS'] === 'long';
const RUN_MS = LONG ? 300_000 : 7_200;
/** How long after the end of a change others may see what was before it, while all is well and the machine is busy. */
const BOUND_MS = 1_000;

/** For half of the nodes the bus is so late. */
const BUS_DELAY_MS = 300;

interface Run {
  readonly seed: number;
  readonly forMs: number;
  readonly sabotage?: Sabotage;
  /** How much of the schedule of storms and calms is left out. */
  readonly skippedMs?: number;
}

async function run(port: number, { seed, forMs, sabotage, skippedMs = 0 }: Run): Promise<History[]> {
  const rows = createRows(ROWS);
  const proxy = await TcpProxy.start(port);
  proxy.delay({ down: BUS_DELAY_MS }, ['bus']);
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
        // Half of the nodes hear of changes late: a token has to know better.
        remote: {
          store: writer < 2 ? `redis://127.0.0.1:${port}` : proxy.url,
          readDeadline: '10s',
          writeDeadline: '10s',
        },
      },
    })),
  );
  try {
    for (const node of nodes) {
      node.onToken = (token) => {
        for (const other of nodes) if (other !== node) other.give(token);
      };
    }
    const beganUs = monotonicUs() - skippedMs * 1000;
    return await Promise.all(
      nodes.map((node, owner) => node.ask('workload', { seed: seed * MOST_NODES + owner, forMs, owner, beganUs })),
    );
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await proxy.close();
    rows.remove();
  }
}

function describeStale(stale: readonly StaleRead[]): string {
  const lines = stale
    .slice(0, 10)
    .map(
      ({ rule, node, read, floor, because }) =>
        `${rule}: node ${node} ${READ_KINDS[read.kind]} ${JSON.stringify(read)} < ${floor} (${because.join('; ')})`,
    );
  return [`${stale.length} stale reads`, ...lines].join('\n');
}

describeWith('random operations of four processes on one Redis', await findRedis({ private: true }), (start) => {
  it('serve nothing that is older than an invalidation allows', { timeout: RUN_MS + 60_000 }, async () => {
    const seed = seedOf('model-check');
    const redis = await start();
    try {
      const histories = await run(redis.port, { seed, forMs: RUN_MS });
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
      expect(changes.length).toBeGreaterThan(100);
    } finally {
      await redis.close();
    }
  });

  it.each([
    ['deaf', 'own', 0],
    ['tokenless', 'token', STORM_MS + CALM_MS],
  ] as const)('are found out where the cache is %s', { timeout: 60_000 }, async (sabotage, rule, skippedMs) => {
    const redis = await start();
    try {
      const { stale } = findStaleReads(await run(redis.port, { seed: 1, forMs: 1_500, sabotage, skippedMs }), BOUND_MS);
      expect(stale.some((read) => read.rule === rule)).toBe(true);
    } finally {
      await redis.close();
    }
  });
});

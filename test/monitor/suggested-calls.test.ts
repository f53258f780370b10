import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUGGESTED_CALLS } from '../../src/monitor/dashboard/client/suggested-calls.js';
import type { PerformanceMonitor } from '../../src/monitor/performance-monitor.js';
import { monitorWorld } from './monitor-world.js';

const CACHE = { getOrSet() {}, stats: () => ({ hits: 1, misses: 2 }) };
const PROCESSOR = { process() {}, drain() {}, stats: () => ({ active: 1, queued: 2 }) };

/** What each call must have come to. */
const SEEN: Readonly<Record<keyof typeof SUGGESTED_CALLS, (monitor: PerformanceMonitor) => unknown>> = {
  alert: ({ reader }) => reader.alerts().length,
  attachCache: ({ reader }) => reader.attachments().filter(({ kind }) => kind === 'cache').length,
  attachProcessor: ({ reader }) => reader.attachments().filter(({ kind }) => kind === 'processor').length,
  profile: ({ reader }) => reader.profiles().length,
  record: (monitor) => monitor.getMetricStats('tokens')?.count,
  stage: ({ reader }) => reader.slowest(reader.operation, 1)[0]?.stages.length,
  time: ({ reader }) => reader.stats(reader.operation)?.count,
};

describe('the calls that the page suggests', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hotpath-suggested-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each(Object.keys(SEEN) as (keyof typeof SEEN)[])('can be made as they stand: %s', async (name) => {
    for (const operation of ['ask', "it's", 'a "b"\nc\\']) {
      const { clock, monitor, errors } = monitorWorld({ operation, profiles: { directory } });
      const timer = monitor.startTimer(operation);
      const passing = setInterval(() => clock.advance(1_000), 1);
      const call = new Function(
        ...['monitor', 'timer', 'cache', 'processor', 'answer', 'question'],
        `return (async () => { ${SUGGESTED_CALLS[name](operation)} })()`,
      ) as (...args: unknown[]) => Promise<void>;
      await call(monitor, timer, CACHE, PROCESSOR, async () => 'an answer', 'a question');
      clearInterval(passing);
      if (name === 'stage') timer.end();
      clock.advance(2_000);
      expect(SEEN[name](monitor)).toBe(1);
      expect(errors).toEqual([]);
      await monitor.close();
    }
  });

  it('an alert among them, which can fire by the operation', async () => {
    const { clock, monitor } = monitorWorld({ operation: 'ask' });
    new Function('monitor', SUGGESTED_CALLS.alert('ask'))(monitor);
    const timer = monitor.startTimer('ask');
    clock.advance(4_000);
    timer.end();
    clock.advance(1_000);
    expect(monitor.reader.alerts()).toMatchObject([{ state: 'firing', condition: 'ask p95 above 3000 ms over 5m' }]);
    await monitor.close();
  });
});

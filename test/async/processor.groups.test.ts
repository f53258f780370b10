import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

describe.each(kinds)('groups, with %s', (_, layers) => {
  let clock: ManualClock;
  let processor: AsyncProcessor;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    processor = new AsyncProcessor({ ...layers, concurrency: 4, clock });
    calls = new HeldCalls();
  });

  const runMany = (group: string, count: number) =>
    Array.from({ length: count }, (_, i) => processor.run(calls.as(`${group}${i}`), { group }));

  const runningOf = (group: string): number => calls.running.filter(({ item }) => item.startsWith(group)).length;

  const endAll = async (): Promise<void> => {
    for (let i = 0; i < 500 && processor.stats().active + processor.stats().queued > 0; i++) {
      await clock.advanceAsync(100);
      calls.running[0]?.succeed();
      await flushMicrotasks();
    }
  };

  it('of one name, or of none, have all slots', async () => {
    const all = runMany('a', 6);
    await flushMicrotasks();
    expect(calls.running).toHaveLength(4);
    await endAll();
    await Promise.all(all);
    expect(calls.begun).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
  });

  it('that come later do not wait behind all of one that came first', async () => {
    const noisy = runMany('noisy', 50);
    await flushMicrotasks();
    const quiet = runMany('quiet', 2);
    await flushMicrotasks();
    calls.running[0]!.succeed();
    await flushMicrotasks();
    expect(runningOf('quiet')).toBe(1);
    calls.running[0]!.succeed();
    await flushMicrotasks();
    expect(runningOf('quiet')).toBe(2);
    await endAll();
    await Promise.all([...noisy, ...quiet]);
  });

  it('that all want more than there is have as much as each other', async () => {
    const all = [...runMany('a', 40), ...runMany('b', 40)];
    await flushMicrotasks();
    for (let i = 0; i < 20; i++) {
      calls.running[0]!.succeed();
      await clock.advanceAsync(100);
    }
    expect([runningOf('a'), runningOf('b')]).toEqual([2, 2]);
    await endAll();
    await Promise.all(all);
  });

  it('share between batches and single calls alike', async () => {
    const batch = processor.process(
      Array.from({ length: 40 }, (_, i) => `batch${i}`),
      calls.forItem,
      { group: 'batch' },
    );
    await flushMicrotasks();
    const single = runMany('single', 10);
    for (let i = 0; i < 8; i++) {
      calls.running[0]!.succeed();
      await clock.advanceAsync(100);
    }
    expect(runningOf('single')).toBeGreaterThan(0);
    expect(runningOf('batch')).toBeGreaterThan(0);
    await endAll();
    await Promise.all([batch, ...single]);
  });

  it('within their shares go by priority first', async () => {
    const first = runMany('a', 4);
    await flushMicrotasks();
    const low = processor.run(calls.as('low'), { group: 'b', priority: -1 });
    const high = processor.run(calls.as('high'), { group: 'c', priority: 1 });
    calls.running[0]!.succeed();
    calls.running[0]!.succeed();
    await clock.advanceAsync(200);
    expect(calls.begun.slice(4)).toEqual(['high', 'low']);
    await endAll();
    await Promise.all([...first, low, high]);
  });
});

describe('groups under a limit of the rate', () => {
  it('have their turns: a quiet one does not wait behind all of a noisy one', async () => {
    const clock = new ManualClock();
    const processor = new AsyncProcessor({ concurrency: 100, rateLimit: { requestsPerMinute: 10 }, clock });
    const order: string[] = [];
    const run = (group: string) => processor.run(() => order.push(group), { group });
    const noisy = Array.from({ length: 40 }, () => run('noisy'));
    await flushMicrotasks();
    const quiet = Array.from({ length: 5 }, () => run('quiet'));
    for (let i = 0; i < 62; i++) await clock.advanceAsync(1_000);
    expect(order.slice(10, 20).filter((group) => group === 'quiet')).toHaveLength(5);
    for (let i = 0; i < 300; i++) await clock.advanceAsync(1_000);
    await Promise.all([...noisy, ...quiet]);
  });
});

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { type AsyncEvents, EVENT_NAMES } from '../../src/async/events.js';
import type { Progress } from '../../src/async/progress.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { RecordingLogger } from './connections/recording-logger.js';
import { HeldCalls } from './held-calls.js';

const broken = new Error('a listener');

describe('events', () => {
  let clock: ManualClock;
  let logger: RecordingLogger;

  beforeEach(() => {
    clock = new ManualClock();
    logger = new RecordingLogger();
  });

  const world = (options = {}) => new AsyncProcessor({ clock, logger, name: 'model', ...options });

  /** One processor to which everything happens. */
  const eventful = () =>
    world({
      concurrency: { adaptive: true, min: 1, max: 2, initial: 2 },
      retry: { attempts: 2, backoff: 1 },
      timeout: '10s',
      grace: '1s',
      queue: { max: 0 },
      breaker: { consecutive: 2, cooldown: '1m' },
    });

  const letAllHappen = async (processor: AsyncProcessor): Promise<void> => {
    const calls = new HeldCalls<string>();
    const refused = Object.assign(new Error('busy'), { status: 503, headers: { 'retry-after': '1' } });
    const tooLong = Object.assign(new Error('later'), { status: 429, headers: { 'retry-after': '3600' } });
    const all: Promise<unknown>[] = [
      processor.run(calls.as('late'), { group: 'g' }),
      processor.run(({ attempt }) => (attempt === 1 ? Promise.reject(refused) : 'fine')),
      processor.run(() => 'one too many'),
      processor.process([1], () => Promise.reject(tooLong)),
    ];
    for (const call of all) call.catch(() => {});
    await flushMicrotasks();
    for (let i = 0; i < 15; i++) await clock.advanceAsync(1_000);
    processor.reportTrouble(new Error('beside'), 'a wrapper');
    for (let i = 0; i < 100; i++) await clock.advanceAsync(1_000);
    await Promise.allSettled(all);
    await flushMicrotasks();
  };

  it('are told of each kind, flat, without items or results', async () => {
    const processor = eventful();
    const seen = new Map<string, object[]>();
    for (const name of EVENT_NAMES) {
      processor.on(name, (data) => seen.set(name, [...(seen.get(name) ?? []), data]));
    }
    await letAllHappen(processor);
    const elsewhere = ['rate:local', 'rate:shared', 'halved'];
    expect([...seen.keys()].sort()).toEqual(EVENT_NAMES.filter((name) => !elsewhere.includes(name)).sort());
    const keys: Partial<Record<keyof AsyncEvents, string[]>> = {
      retry: ['attempt', 'delayMs', 'error', 'reason', 'status'],
      'retry:refused': ['attempt', 'error', 'why'],
      drop: ['group', 'priority', 'waitedMs', 'why'],
      limit: ['before', 'limit', 'why'],
      cooldown: ['ms', 'status'],
      breaker: ['reason', 'state'],
      timeout: ['attempt', 'timeoutMs'],
      abandoned: ['afterMs'],
      settled: ['attempts', 'group', 'queueMs', 'runMs', 'status'],
      error: ['during', 'error'],
    };
    for (const [name, expected] of Object.entries(keys)) {
      for (const data of seen.get(name) ?? []) expect(Object.keys(data).sort()).toEqual(expected);
    }
    await processor.close();
  });

  it('come on the diagnostics channels too, with the name of the processor', async () => {
    const seen = new Map<string, unknown>();
    const listeners = EVENT_NAMES.map((name) => {
      const listener = (message: unknown): void => void seen.set(name, message);
      subscribe(`hotpath:async:${name}`, listener);
      return [name, listener] as const;
    });
    await letAllHappen(eventful());
    for (const [name, listener] of listeners) unsubscribe(`hotpath:async:${name}`, listener);
    expect(seen.get('timeout')).toEqual({ namespace: 'model', timeoutMs: 10_000, attempt: 1 });
    for (const name of ['retry', 'drop', 'limit', 'cooldown', 'breaker', 'abandoned', 'settled', 'error']) {
      expect(seen.get(name)).toMatchObject({ namespace: 'model' });
    }
  });

  it('of halved batches say how large they were', async () => {
    const processor = world();
    const sizes: number[] = [];
    processor.on('halved', ({ size }) => sizes.push(size));
    const load = async (items: readonly number[]): Promise<number[]> => {
      if (items.includes(3)) throw new Error('poison');
      return [...items];
    };
    await processor.processBatches([1, 2, 3, 4], 4, load, { onError: 'skip' });
    await flushMicrotasks();
    expect(sizes).toEqual([4, 2]);
  });

  it('of the end of calls come once for each of them, whatever its method and its end', async () => {
    for (const options of [{}, { timeout: '1m' }]) {
      const processor = world({ ...options, concurrency: 1, queue: { max: 0 } });
      const ends: string[] = [];
      const off = processor.on('settled', ({ status, attempts, group }) => ends.push(`${status} ${attempts} ${group}`));
      await Promise.allSettled([processor.run(() => 1, { group: 'g' }), processor.run(() => 2)]);
      await processor.process([1], () => Promise.reject(broken), { onError: 'skip' });
      await processor.processBatches([1, 2], 2, async (items) => [...items]);
      await flushMicrotasks();
      expect(ends.sort()).toEqual(['fulfilled 1 ', 'fulfilled 1 g', 'rejected 0 ', 'rejected 1 ']);
      expect(processor.stats()).toMatchObject({ completed: 2, failed: 2 });
      off();
      await processor.run(() => 3);
      await flushMicrotasks();
      expect(ends).toHaveLength(4);
    }
  });

  it('reach listeners when the processor is whole: they may call it', async () => {
    const processor = world({ concurrency: 1, timeout: '1s', grace: 0 });
    let answer: Promise<string> | undefined;
    processor.on('timeout', () => {
      answer = processor.run(() => 'from a listener');
    });
    const late = processor.run(() => new Promise(() => {}));
    late.catch(() => {});
    await flushMicrotasks();
    await clock.advanceAsync(1_000);
    await clock.advanceAsync(1);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await answer).toBe('from a listener');
  });

  it('do not come in the middle of what they tell of', async () => {
    const processor = world({ concurrency: 1, queue: { max: 0 } });
    let drops = 0;
    processor.on('drop', () => drops++);
    const first = processor.run(() => 1);
    const dropped = processor.run(() => 2);
    expect(drops).toBe(0);
    await expect(dropped).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(drops).toBe(1);
    await first;
  });

  it('do not let a listener that fails reach the calls, nor other listeners', async () => {
    const unhandled = await unhandledDuring(async () => {
      const processor = world();
      const troubles: unknown[] = [];
      let reached = 0;
      processor.on('settled', () => {
        throw broken;
      });
      processor.on('settled', async () => {
        throw broken;
      });
      processor.on('settled', () => reached++);
      processor.on('error', ({ error, during }) => troubles.push([error, during]));
      processor.on('error', () => {
        throw new Error('a listener of error');
      });
      expect(await processor.run(() => 'fine')).toBe('fine');
      await flushMicrotasks();
      expect(reached).toBe(1);
      expect(troubles).toEqual(Array(2).fill([broken, "a listener of 'settled'"]));
      expect(logger.warnings).toHaveLength(2);
    });
    expect(unhandled).toEqual([]);
  });

  it('are those there are', () => {
    const processor = world();
    const wrong = (option: string) => expect.objectContaining({ name: 'InvalidOptionError', option });
    expect(() => processor.on('retries' as never, () => {})).toThrow(wrong('event'));
    expect(() => processor.on('retry', undefined as never)).toThrow(wrong('listener'));
  });
});

describe('onProgress', () => {
  it('is told at most four times a second, and at the end of all', async () => {
    const clock = new ManualClock();
    const processor = new AsyncProcessor({ clock, concurrency: 1 });
    const seen: Progress[] = [];
    const calls = new HeldCalls<number>();
    const onProgress = (progress: Progress) => seen.push(progress);
    const batch = processor.process(Array(20).keys(), calls.forItem, { onProgress, total: 20, onError: 'skip' });
    for (let i = 0; i < 20; i++) {
      await clock.advanceAsync(100);
      if (i === 3) calls.running[0]!.fail(broken);
      else calls.running[0]!.succeed();
      await flushMicrotasks();
    }
    await batch;
    expect(seen.length).toBeLessThanOrEqual(9);
    expect(seen.length).toBeGreaterThanOrEqual(6);
    expect(seen.at(-1)).toMatchObject({
      done: 20,
      failed: 1,
      resumed: 0,
      total: 20,
      etaMs: 0,
      p95Ms: 100,
      elapsedMs: 2_000,
    });
    expect(seen.at(-1)!.ratePerSecond).toBeCloseTo(10);
    await clock.advanceAsync(10_000);
    expect(seen.at(-1)!.done).toBe(20);
  });

  it('knows how many items there are where the source does', async () => {
    const processor = new AsyncProcessor();
    const totals: unknown[] = [];
    const onProgress = ({ total, done }: Progress) => totals.push([total, done]);
    await processor.process([1, 2], async () => {}, { onProgress });
    await processor.process(new Set([1, 2, 3]), async () => {}, { onProgress, sink: () => {} });
    for await (const _outcome of processor.stream([1].values(), async () => {}, { onProgress }));
    await processor.processBatches([1, 2, 3, 4], 2, async () => {}, { onProgress });
    expect(totals).toEqual([
      [2, 2],
      [3, 3],
      [undefined, 1],
      [4, 4],
    ]);
  });

  it('that fails is reported, and the batch goes on', async () => {
    const processor = new AsyncProcessor();
    const troubles: string[] = [];
    processor.on('error', ({ during }) => troubles.push(during));
    const onProgress = () => {
      throw broken;
    };
    expect(await processor.process([1], async (n) => n, { onProgress })).toEqual([1]);
    await flushMicrotasks();
    expect(troubles).toEqual(['onProgress']);
  });
});

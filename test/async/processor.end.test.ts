import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { ProcessorClosedError } from '../../src/async/errors.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { KeptStore } from './checkpoint/kept-store.js';
import { upTo } from './counted-source.js';
import { HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h', retry: 2, rateLimit: { requestsPerMinute: 1_000 }, breaker: true }],
] as const;

describe.each(kinds)('drain(), with %s', (_, layers) => {
  let clock: ManualClock;
  let processor: AsyncProcessor;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    processor = new AsyncProcessor({ ...layers, concurrency: 2, grace: '1s', closeTimeout: '5s', clock });
    calls = new HeldCalls();
  });

  /** Whether it has resolved by now. */
  const isOver = async (promise: Promise<unknown>): Promise<boolean> => {
    let over = false;
    promise.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    await flushMicrotasks();
    return over;
  };

  it('resolves at once where nothing is under way', async () => {
    expect(await processor.drain()).toEqual({ completed: 0, failed: 0, aborted: false });
    await processor.run(() => 1);
    expect(await processor.drain({ timeout: 0 })).toEqual({ completed: 0, failed: 0, aborted: false });
  });

  it('waits for what runs and for what waits, of all methods, and says what became of it', async () => {
    const poison = Object.assign(new Error('poison'), { status: 400 });
    const all = [
      processor.run(calls.as('a')),
      processor.run(calls.as('b')).catch(() => {}),
      processor.process(['c', 'd'], calls.forItem),
      processor.processBatches(['e'], 2, async ([item]) => [await calls.forItem(item!, undefined as never)]),
    ];
    const drained = processor.drain();
    const alsoDrained = processor.drain();
    await flushMicrotasks();
    calls.of('b').fail(poison);
    for (let i = 0; i < 4; i++) {
      expect(await isOver(drained)).toBe(false);
      calls.running[0]!.succeed();
      await flushMicrotasks();
    }
    expect(await drained).toEqual({ completed: 4, failed: 1, aborted: false });
    expect((await alsoDrained).aborted).toBe(false);
    await Promise.all(all);
  });

  it('takes calls all the same', async () => {
    const first = processor.run(calls.as('a'));
    const drained = processor.drain();
    const second = processor.run(calls.as('b'));
    await flushMicrotasks();
    calls.succeedAll();
    await Promise.all([first, second, drained]);
    expect(calls.begun).toEqual(['a', 'b']);
  });

  it('does not wait for a stream that nobody reads', async () => {
    const stream = processor.stream(upTo(50), async (n) => n);
    await stream.next();
    await processor.drain();
    await stream.return?.();
  });

  it('waits for a sink', async () => {
    let take = (): void => {};
    const sink = () =>
      new Promise<void>((resolve) => {
        take = resolve;
      });
    const job = processor.process(['x'], async (item) => item, { sink });
    await flushMicrotasks();
    const drained = processor.drain();
    expect(await isOver(drained)).toBe(false);
    take();
    await drained;
    expect(await job).toMatchObject({ completed: 1 });
  });

  it('stops what is left after its timeout', async () => {
    const batch = processor.process(['a', 'b', 'c'], calls.forItem);
    batch.catch(() => {});
    const waiting = processor.run(calls.as('w'));
    waiting.catch(() => {});
    const drained = processor.drain({ timeout: '3s' });
    await flushMicrotasks();
    await clock.advanceAsync(2_999);
    expect(calls.running.some(({ context }) => context.signal.aborted)).toBe(false);
    await clock.advanceAsync(1);
    expect(calls.running.every(({ context }) => context.signal.reason instanceof ProcessorClosedError)).toBe(true);
    calls.succeedAll();
    expect(await drained).toMatchObject({ aborted: true });
    await expect(batch).rejects.toThrow(ProcessorClosedError);
    await flushMicrotasks();
    expect(processor.stats()).toMatchObject({ active: 0, queued: 0 });
    // It was not closed.
    expect(await processor.run(() => 'next')).toBe('next');
  });

  it('does not wait for ever for what does not stop', async () => {
    processor.run(calls.as('deaf')).catch(() => {});
    const drained = processor.drain({ timeout: 0 });
    await flushMicrotasks();
    await clock.advanceAsync(1);
    await clock.advanceAsync(1_000);
    expect((await drained).aborted).toBe(true);
  });
});

describe.each(kinds)('close(), with %s', (_, layers) => {
  let clock: ManualClock;
  let processor: AsyncProcessor;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    processor = new AsyncProcessor({
      ...layers,
      concurrency: 2,
      grace: '1s',
      closeTimeout: '5s',
      clock,
      name: 'model',
    });
    calls = new HeldCalls();
  });

  const closed = expect.objectContaining({ code: 'CLOSED', message: expect.stringContaining("'model' is closed") });

  it('takes no more calls, whatever their method', async () => {
    const batcher = processor.batcher(async (keys: readonly string[]) => keys);
    await processor.close();
    await expect(processor.run(() => 1)).rejects.toEqual(closed);
    await expect(processor.process(['x'], calls.forItem)).rejects.toEqual(closed);
    await expect(processor.process(['x'], calls.forItem, { sink: () => {} })).rejects.toEqual(closed);
    await expect(processor.processBatches(['x'], 1, async () => ['y'])).rejects.toEqual(closed);
    expect(() => processor.stream(['x'], calls.forItem)).toThrow(ProcessorClosedError);
    expect(() => processor.streamBatches(['x'], { maxSize: 1 }, async () => ['y'])).toThrow(ProcessorClosedError);
    await expect(batcher('x')).rejects.toEqual(closed);
    await expect(processor.runInWorkers(['x'], 'file:///nothing.js')).rejects.toEqual(closed);
    expect(calls.begun).toEqual([]);
  });

  it('is one and the same however often it is called, and by await using', async () => {
    expect(processor.close()).toBe(processor.close());
    await processor[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for what is under way', async () => {
    const batch = processor.process(['a', 'b', 'c'], calls.forItem);
    const end = processor.close();
    for (let i = 0; i < 3; i++) {
      await flushMicrotasks();
      calls.running[0]!.succeed();
    }
    await end;
    expect(await batch).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops what is left after closeTimeout, and what waits is refused', async () => {
    const unhandled = await unhandledDuring(async () => {
      const ends = Promise.allSettled([
        processor.run(calls.as('a')),
        processor.run(calls.as('b')),
        processor.run(calls.as('waits')),
        processor.process(['of a batch'], calls.forItem),
        processor.stream(['of a stream'], calls.forItem).next(),
      ]);
      const end = processor.close();
      await flushMicrotasks();
      await clock.advanceAsync(5_000);
      for (const { context } of calls.running) expect(context.signal.reason).toEqual(closed);
      calls.of('a').fail(new Error('stopped'));
      calls.of('b').fail(new Error('stopped'));
      await end;
      const reasons = (await ends).map((each) => (each.status === 'rejected' ? (each.reason as Error).message : each));
      const why = "AsyncProcessor 'model' is closed and stopped what was under way";
      expect(reasons).toEqual(['stopped', 'stopped', why, why, why]);
      expect(calls.begun).toEqual(['a', 'b']);
    });
    expect(unhandled).toEqual([]);
  });

  it('does not wait for ever for what does not stop', async () => {
    processor.run(calls.as('deaf')).catch(() => {});
    const end = processor.close();
    await flushMicrotasks();
    await clock.advanceAsync(5_000);
    await clock.advanceAsync(1_000);
    await end;
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends a stream that waits for its reader: nothing more is called', async () => {
    const stream = processor.stream(upTo(50), (n) => calls.forItem(String(n), undefined as never));
    const first = stream.next();
    await flushMicrotasks();
    calls.succeedAll();
    await first;
    await flushMicrotasks();
    calls.succeedAll();
    await flushMicrotasks();
    await processor.close();
    const begun = calls.begun.length;
    const reading = async () => {
      for await (const _outcome of stream);
    };
    await expect(reading()).rejects.toEqual(closed);
    expect(calls.begun.length).toBe(begun);
  });

  it('waits for a job whose checkpoint is being read, and ends a stream that was not read', async () => {
    const stream = processor.stream(['x'], calls.forItem);
    const store = new KeptStore();
    let go = (): void => {};
    const load = store.load.bind(store);
    store.load = async () => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return load();
    };
    const checkpoint = { store, id: (item: string) => item };
    const job = processor.process(['y'], calls.forItem, { sink: () => {}, checkpoint });
    job.catch(() => {});
    await flushMicrotasks();
    const end = processor.close();
    await flushMicrotasks();
    go();
    await flushMicrotasks();
    calls.succeedAll();
    await expect(job).resolves.toEqual({ completed: 1, failed: 0, resumed: 0 });
    await end;
    await expect(stream.next()).rejects.toEqual(closed);
    expect([calls.begun, store.closed]).toEqual([['y'], 1]);
  });
});

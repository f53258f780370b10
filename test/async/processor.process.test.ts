import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks } from '../manual-clock.js';
import { answerTo, HeldCalls } from './held-calls.js';

const kinds = [
  ['slots alone', {}],
  ['layers', { timeout: '1h' }],
] as const;

const items = ['a', 'b', 'c', 'd', 'e'];
const broken = new Error('broken');

describe.each(kinds)('process(), with %s', (_, layers) => {
  let processor: AsyncProcessor;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    processor = new AsyncProcessor({ ...layers, concurrency: 2 });
    calls = new HeldCalls();
  });

  it('answers in the order of the input, in whatever order calls end', async () => {
    const batch = processor.process(items, calls.forItem);
    for (const item of ['b', 'a', 'd', 'c', 'e']) {
      await flushMicrotasks();
      calls.of(item).succeed();
    }
    expect(await batch).toEqual(items.map(answerTo));
    expect([calls.begun, calls.most]).toEqual([items, 2]);
  });

  it('takes a function that answers at once, or throws at once', async () => {
    const length = (item: string) => item.length;
    expect(await processor.process(items, length)).toEqual([1, 1, 1, 1, 1]);
    const throws = (item: string): string => {
      if (item === 'c') throw broken;
      return item;
    };
    await expect(processor.process(items, throws)).rejects.toBe(broken);
    expect(await processor.process(items, throws, { onError: 'skip' })).toEqual(['a', 'b', 'd', 'e']);
    const outcomes = await processor.process(items, throws, { onError: 'settle' });
    expect(outcomes[2]).toMatchObject({ status: 'rejected', reason: broken, index: 2, item: 'c', attempts: 1 });
  });

  it('tells the function the place of its item', async () => {
    const seen = await processor.process(items, (item, { index, attempt }) => `${item}${index}/${attempt}`);
    expect(seen).toEqual(['a0/1', 'b1/1', 'c2/1', 'd3/1', 'e4/1']);
  });

  it('ends with the first failure: the others are told to stop and waited for, and nothing more begins', async () => {
    let rejected: unknown;
    const batch = processor.process(items, calls.forItem).catch((error: unknown) => {
      rejected = error;
    });
    await flushMicrotasks();
    const { signal } = calls.of('b').context;
    calls.of('a').fail(broken);
    await flushMicrotasks();
    expect([signal.aborted, signal.reason, rejected]).toEqual([true, broken, undefined]);
    // What it fails with now is no news.
    calls.of('b').fail(new Error('stopped'));
    await batch;
    expect([rejected, calls.begun]).toEqual([broken, ['a', 'b']]);
  });

  it('settles each item: values, failures and what they cost', async () => {
    const batch = processor.process(items, calls.forItem, { onError: 'settle' });
    await flushMicrotasks();
    calls.of('a').fail(broken);
    for (let i = 0; i < 4; i++) {
      await flushMicrotasks();
      calls.running[0]!.succeed();
    }
    const outcomes = await batch;
    expect(outcomes.map(({ index, item, status }) => [index, item, status])).toEqual([
      [0, 'a', 'rejected'],
      ...['b', 'c', 'd', 'e'].map((item, i) => [i + 1, item, 'fulfilled']),
    ]);
    for (const { attempts, queueMs, runMs } of outcomes) {
      expect(attempts).toBe(1);
      expect(queueMs).toBeGreaterThanOrEqual(0);
      expect(runMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('keeps a falsy reason for what it is', async () => {
    for (const reason of [undefined, null, 0, '', false]) {
      await expect(processor.process(items, () => Promise.reject(reason))).rejects.toBe(reason);
      const [first] = await processor.process(['x'], () => Promise.reject(reason), { onError: 'settle' });
      expect(first).toMatchObject({ status: 'rejected', reason });
    }
  });

  it('gives values back that are errors, and does not take them for failures', async () => {
    expect(await processor.process(items, () => broken)).toEqual(items.map(() => broken));
  });

  it('is not begun where its signal is aborted before', async () => {
    const signal = AbortSignal.abort(broken);
    for (const options of [{ signal }, { signal, onError: 'settle' as const }, { signal, sink: () => {} }]) {
      await expect(processor.process(items, calls.forItem, options)).rejects.toBe(broken);
    }
    expect(calls.begun).toEqual([]);
  });

  it.each(['throw', 'settle', 'skip'] as const)(
    'is ended by its signal, what runs is waited for (%s)',
    async (onError) => {
      const stop = new AbortController();
      let rejected: unknown;
      const batch = processor
        .process(items, calls.forItem, { signal: stop.signal, onError })
        .catch((error: unknown) => {
          rejected = error;
        });
      await flushMicrotasks();
      stop.abort(broken);
      await flushMicrotasks();
      expect(calls.running.map(({ context }) => context.signal.reason)).toEqual([broken, broken]);
      expect(rejected).toBeUndefined();
      calls.of('a').succeed();
      calls.of('b').fail(new Error('stopped'));
      await batch;
      expect([rejected, calls.begun]).toEqual([broken, ['a', 'b']]);
    },
  );

  it('listens to its signal once for all items, and not after its end', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    let most = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      most = Math.max(most, ++listeners);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await processor.process(Array(100).fill('x'), async () => {}, { signal });
    for await (const _outcome of processor.stream(items, async () => {}, { signal }));
    await processor.run(async () => {}, { signal });
    expect([most, listeners]).toEqual([1, 0]);
  });

  it('tells a function that asks for its signal only after the batch was ended', async () => {
    const stop = new AbortController();
    let late: AbortSignal | undefined;
    let go = (): void => {};
    const batch = processor.process(
      ['x'],
      async (_item, context) => {
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        late = context.signal;
      },
      { signal: stop.signal },
    );
    batch.catch(() => {});
    await flushMicrotasks();
    stop.abort(broken);
    go();
    await expect(batch).rejects.toBe(broken);
    expect([late?.aborted, late?.reason]).toEqual([true, broken]);
  });

  it('lets several batches share the slots, each of them going on', async () => {
    const other = new HeldCalls<string>();
    const both = Promise.all([processor.process(items, calls.forItem), processor.process(items, other.forItem)]);
    for (let i = 0; i < 10; i++) {
      await flushMicrotasks();
      expect(calls.running.length + other.running.length).toBe(Math.min(2, 10 - i));
      const running = [...calls.running, ...other.running];
      running[i % running.length]!.succeed();
    }
    expect(await both).toEqual([items.map(answerTo), items.map(answerTo)]);
  });

  it('takes turns with another batch that came later', async () => {
    const other = new HeldCalls<string>();
    const first = processor.process(Array(20).fill('x'), calls.forItem);
    await flushMicrotasks();
    const second = processor.process(items, other.forItem);
    for (let i = 0; i < 6; i++) {
      await flushMicrotasks();
      (calls.running[0] ?? other.running[0])!.succeed();
    }
    await flushMicrotasks();
    expect(other.begun.length).toBeGreaterThan(0);
    for (let i = 0; i < 30; i++) {
      await flushMicrotasks();
      calls.succeedAll();
      other.succeedAll();
    }
    await Promise.all([first, second]);
  });

  it('may be called by a function of its own, as long as there is a slot for it', async () => {
    const nested = processor.process(['x'], () => processor.process(['y', 'z'], async (item) => item));
    expect(await nested).toEqual([['y', 'z']]);
  });
});

describe('a large batch', () => {
  it('of 100,000 items has each of its answers in its place', async () => {
    const processor = new AsyncProcessor({ concurrency: 50 });
    const answers = await processor.process(
      Array.from({ length: 100_000 }, (_, i) => i),
      (i) => i,
    );
    expect(answers.length).toBe(100_000);
    expect(answers.every((answer, i) => answer === i)).toBe(true);
  });

  it('of 100,000 single calls is admitted in order, in a moment', async () => {
    const processor = new AsyncProcessor({ concurrency: 1, queue: { max: Number.POSITIVE_INFINITY } });
    const order: number[] = [];
    const runs = Array.from({ length: 100_000 }, (_, i) => processor.run(() => order.push(i)));
    await Promise.all(runs);
    expect(order.every((n, i) => n === i)).toBe(true);
  });
});

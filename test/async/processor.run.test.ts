import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import type { RunOptions } from '../../src/async/work-options.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { unhandledDuring } from '../monitor/unhandled-rejections.js';
import { answerTo, HeldCalls } from './held-calls.js';

const broken = new Error('broken');

describe('run()', () => {
  let clock: ManualClock;
  let calls: HeldCalls<string>;

  beforeEach(() => {
    clock = new ManualClock();
    calls = new HeldCalls();
  });

  const one = (options: ConstructorParameters<typeof AsyncProcessor>[0] = {}): AsyncProcessor =>
    new AsyncProcessor({ concurrency: 1, clock, ...options });

  /** What comes of each call, as it comes. */
  const runAll = (processor: AsyncProcessor, items: readonly (readonly [string, RunOptions?])[]): string[] => {
    const ends: string[] = [];
    for (const [item, options] of items) {
      processor.run(calls.as(item), options).then(
        () => ends.push(item),
        (error: Error) => ends.push(`${item}: ${error.name}`),
      );
    }
    return ends;
  };

  /** Ends calls one by one until none runs. */
  const endAll = async (): Promise<void> => {
    for (await flushMicrotasks(); calls.running.length > 0; await flushMicrotasks()) calls.running[0]!.succeed();
  };

  it('answers with what the function answers, or fails with what it fails with, at once or later', async () => {
    for (const processor of [one(), one({ timeout: '1m' })]) {
      expect(await processor.run(() => 5)).toBe(5);
      expect(await processor.run(async () => 6)).toBe(6);
      const throws = () => {
        throw broken;
      };
      await expect(processor.run(throws)).rejects.toBe(broken);
      await expect(processor.run(() => Promise.reject(broken))).rejects.toBe(broken);
      await expect(processor.run(throws, { priority: 1, signal: new AbortController().signal })).rejects.toBe(broken);
      expect(processor.stats()).toMatchObject({ active: 0, queued: 0, completed: 2, failed: 3 });
    }
  });

  it('does not throw: what is wrong with its arguments is a rejection', async () => {
    const refused = (option: string) => expect.objectContaining({ name: 'InvalidOptionError', option });
    await expect(one().run(5 as never)).rejects.toEqual(refused('fn'));
    await expect(one().run(() => 1, { priority: Number.NaN })).rejects.toEqual(refused('priority'));
  });

  it('begins at once where there is a slot, and in the order of the calls where there is none', async () => {
    for (const options of [{}, { timeout: 60_000 }]) {
      calls = new HeldCalls();
      const processor = one({ ...options, concurrency: 2 });
      const ends = runAll(processor, [['a'], ['b'], ['c'], ['d']]);
      await flushMicrotasks();
      expect([calls.begun, processor.stats().active, processor.stats().queued]).toEqual([['a', 'b'], 2, 2]);
      await endAll();
      expect([ends, calls.most]).toEqual([['a', 'b', 'c', 'd'], 2]);
    }
  });

  it('lets higher priorities go first, and equal ones in the order of the calls', async () => {
    const ends = runAll(one(), [
      ['first'],
      ['b', { priority: 0 }],
      ['low', { priority: -1 }],
      ['a', { priority: 1 }],
      ['c'],
      ['a2', { priority: 1 }],
      ['top', { priority: 7.5 }],
    ]);
    await endAll();
    expect(ends).toEqual(['first', 'top', 'a', 'a2', 'b', 'c', 'low']);
  });

  it('lets nobody wait for ever: who waits long counts for more', async () => {
    const processor = one({ queue: { ageing: '1s' } });
    const ends = runAll(processor, [['first'], ['low']]);
    await clock.advanceAsync(1_500);
    const late = runAll(processor, [
      ['2', { priority: 2 }],
      ['5', { priority: 5 }],
    ]);
    await endAll();
    expect([calls.begun, ends, late]).toEqual([
      ['first', '5', 'low', '2'],
      ['first', 'low'],
      ['5', '2'],
    ]);
  });

  it('leaves the queue at once when its signal is aborted', async () => {
    const processor = one();
    const stop = new AbortController();
    const ends = runAll(processor, [['first'], ['gone', { signal: stop.signal }], ['last']]);
    await flushMicrotasks();
    expect(processor.stats().queued).toBe(2);
    stop.abort();
    expect(processor.stats().queued).toBe(1);
    await endAll();
    expect([ends, calls.begun]).toEqual([
      ['gone: AbortError', 'first', 'last'],
      ['first', 'last'],
    ]);
  });

  it('is not begun where its signal is aborted before', async () => {
    const signal = AbortSignal.abort(broken);
    for (const processor of [one(), one({ timeout: 60_000 })]) {
      await expect(processor.run(calls.as('x'), { signal })).rejects.toBe(broken);
    }
    expect(calls.begun).toEqual([]);
  });

  it('is left at once by whoever aborts it; its function is told, and keeps its slot until it ends', async () => {
    const processor = one();
    const stop = new AbortController();
    const aborted = processor.run(calls.as('a'), { signal: stop.signal });
    const next = processor.run(calls.as('b'));
    await flushMicrotasks();
    stop.abort(broken);
    await expect(aborted).rejects.toBe(broken);
    expect(calls.of('a').context.signal.reason).toBe(broken);
    await flushMicrotasks();
    expect(calls.begun).toEqual(['a']);
    calls.of('a').fail(new Error('stopped'));
    await flushMicrotasks();
    calls.of('b').succeed();
    expect(await next).toBe(answerTo('b'));
  });

  it('whose function does not stop loses its slot after the grace', async () => {
    const processor = one({ grace: '2s' });
    const abandoned: number[] = [];
    processor.on('abandoned', ({ afterMs }) => abandoned.push(afterMs));
    const stop = new AbortController();
    const aborted = processor.run(calls.as('deaf'), { signal: stop.signal });
    const ends = runAll(processor, [['next']]);
    await flushMicrotasks();
    stop.abort(broken);
    await expect(aborted).rejects.toBe(broken);
    await clock.advanceAsync(1_999);
    expect([calls.begun, processor.stats().abandoned]).toEqual([['deaf'], 0]);
    await clock.advanceAsync(1);
    expect([calls.begun, processor.stats().abandoned, abandoned]).toEqual([['deaf', 'next'], 1, [2_000]]);
    // Whatever comes of it now concerns nobody.
    calls.of('deaf').fail(new Error('at last'));
    await endAll();
    expect(ends).toEqual(['next']);
    expect(processor.stats().active).toBe(0);
  });

  it('rejects one promise for one failure, and no other', async () => {
    const unhandled = await unhandledDuring(async () => {
      for (const processor of [one(), one({ timeout: 1_000, retry: { attempts: 2, budget: 0 } })]) {
        const stop = new AbortController();
        const ends = runAll(processor, [['a'], ['b', { signal: stop.signal }], ['c'], ['d']]);
        await flushMicrotasks();
        stop.abort();
        calls.of('a').fail(broken);
        await flushMicrotasks();
        while (ends.length < 4) {
          await clock.advanceAsync(1_000);
          await endAll();
        }
        await processor.close();
      }
    });
    expect(unhandled).toEqual([]);
  });
});

describe('the queue of run()', () => {
  let calls: HeldCalls<string>;

  const world = (queue: { max: number; policy?: 'reject' | 'drop-oldest' | 'drop-lowest' }) => {
    calls = new HeldCalls();
    const processor = new AsyncProcessor({ concurrency: 1, queue });
    const drops: [string, number][] = [];
    processor.on('drop', ({ why, priority }) => drops.push([why, priority]));
    const ends: string[] = [];
    const run = (item: string, priority = 0): void => {
      processor.run(calls.as(item), { priority }).then(
        () => ends.push(item),
        (error: { code?: string; max?: number }) => ends.push(`${item}: ${error.code} ${error.max}`),
      );
    };
    const endAll = async (): Promise<void> => {
      for (await flushMicrotasks(); calls.running.length > 0; await flushMicrotasks()) calls.running[0]!.succeed();
    };
    return { processor, drops, ends, run, endAll };
  };

  it('refuses the call that is one too many', async () => {
    const { processor, drops, ends, run, endAll } = world({ max: 2 });
    for (const item of ['a', 'b', 'c', 'd']) run(item);
    await flushMicrotasks();
    expect([ends, drops, processor.stats().dropped]).toEqual([['d: QUEUE_FULL 2'], [['full', 0]], 1]);
    await endAll();
    expect(ends).toEqual(['d: QUEUE_FULL 2', 'a', 'b', 'c']);
  });

  it('may be of length 0: who finds no slot is refused', async () => {
    const { ends, run, endAll } = world({ max: 0 });
    run('a');
    run('b');
    await endAll();
    run('c');
    await endAll();
    expect(ends).toEqual(['b: QUEUE_FULL 0', 'a', 'c']);
  });

  it('lets the oldest leave, where it says so', async () => {
    const { drops, ends, run, endAll } = world({ max: 2, policy: 'drop-oldest' });
    for (const item of ['a', 'b', 'c', 'd', 'e']) run(item);
    await endAll();
    expect(ends).toEqual(['b: QUEUE_FULL 2', 'c: QUEUE_FULL 2', 'a', 'd', 'e']);
    expect(drops).toEqual([
      ['oldest', 0],
      ['oldest', 0],
    ]);
  });

  it('lets the newest of the lowest priority leave, where it says so, which may be the new one', async () => {
    const { drops, ends, run, endAll } = world({ max: 2, policy: 'drop-lowest' });
    run('a');
    run('low', -1);
    run('mid', 0);
    run('lower', -2);
    run('high', 1);
    await endAll();
    expect(ends).toEqual(['lower: QUEUE_FULL 2', 'low: QUEUE_FULL 2', 'a', 'high', 'mid']);
    expect(drops).toEqual([
      ['full', -2],
      ['lower-priority', -1],
    ]);
  });

  it('does not bound batches and streams, which bound themselves', async () => {
    const { processor, ends, run, endAll } = world({ max: 0 });
    run('a');
    await flushMicrotasks();
    const batch = processor.process(['b', 'c'], calls.forItem);
    const stream = processor.stream(['d'], calls.forItem).next();
    await flushMicrotasks();
    expect(processor.stats().queued).toBe(2);
    await endAll();
    expect([ends, await batch, (await stream).value]).toMatchObject([
      ['a'],
      ['b', 'c'].map(answerTo),
      { value: answerTo('d') },
    ]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { AsyncProcessor } from '../../src/async/async-processor.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { CountedSource, upTo } from './counted-source.js';

const poison = Object.assign(new Error('poison'), { status: 400 });

describe('processBatches() and streamBatches()', () => {
  let processor: AsyncProcessor;
  let batches: number[][];

  beforeEach(() => {
    processor = new AsyncProcessor({ concurrency: 2 });
    batches = [];
  });

  const embed = async (items: readonly number[]): Promise<number[]> => {
    batches.push([...items]);
    if (items.includes(3)) throw poison;
    return items.map((n) => n * 10);
  };

  it('call with as many items as asked, the rest last, and answer for each item in its place', async () => {
    expect(await processor.processBatches([0, 1, 2, 4, 5], 2, embed)).toEqual([0, 10, 20, 40, 50]);
    expect(batches).toEqual([[0, 1], [2, 4], [5]]);
    expect(await processor.processBatches(new CountedSource([7, 8]).later, 5, embed)).toEqual([70, 80]);
  });

  it('cut at tokens too; an item beyond them goes alone', async () => {
    const options = { maxTokens: 10, tokens: (n: number) => n };
    await processor.processBatches([4, 5, 6, 20, 1, 1], 100, embed, options);
    expect(batches).toEqual([[4, 5], [6], [20], [1, 1]]);
    batches = [];
    for await (const _outcome of processor.streamBatches(
      [4, 5, 6],
      { ...options, maxSize: Number.POSITIVE_INFINITY },
      embed,
    ));
    expect(batches).toEqual([[4, 5], [6]]);
  });

  it('find the item at fault by halves: the others have their results', async () => {
    const outcomes = await processor.processBatches([...upTo(8)], 8, embed, { onError: 'settle' });
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([...upTo(8)].map((n) => n !== 3));
    expect(outcomes[3]).toMatchObject({ reason: poison, item: 3, index: 3 });
    expect(batches).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [0, 1], [2, 3], [2], [3], [4, 5, 6, 7]]);
    expect(outcomes[3]?.attempts).toBe(4);
  });

  it('leave the item at fault out, or end with its error', async () => {
    expect(await processor.processBatches([1, 2, 3, 4], 4, embed, { onError: 'skip' })).toEqual([10, 20, 40]);
    await expect(processor.processBatches([1, 2, 3, 4], 4, embed)).rejects.toBe(poison);
    const seen: number[] = [];
    for await (const { item } of processor.streamBatches([1, 2, 3, 4], { maxSize: 4, onError: 'skip' }, embed))
      seen.push(item);
    expect(seen).toEqual([1, 2, 4]);
  });

  it('do not halve what no choice of items could cure, and try it again as a whole', async () => {
    const clock = new ManualClock();
    const retrying = new AsyncProcessor({ retry: { attempts: 3, backoff: 1 }, clock });
    const down = Object.assign(new Error('down'), { status: 503 });
    const all = retrying.processBatches(
      [1, 2, 3, 4],
      4,
      async (items) => {
        batches.push([...items]);
        throw down;
      },
      { onError: 'settle' },
    );
    for (let i = 0; i < 10; i++) await clock.advanceAsync(10);
    expect((await all).map((outcome) => [outcome.attempts, outcome.status])).toEqual(Array(4).fill([3, 'rejected']));
    expect(batches).toEqual(Array(3).fill([1, 2, 3, 4]));
  });

  it('take an Error in the place of an item for its failure, and no answer for undefined', async () => {
    const outcomes = await processor.processBatches([1, 2], 2, () => [poison, 'fine'], { onError: 'settle' });
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: poison },
      { status: 'fulfilled', value: 'fine' },
    ]);
    expect(await processor.processBatches([1, 2], 2, async () => {})).toEqual([undefined, undefined]);
  });

  it('say so where an answer is not one for each item', async () => {
    for (const answer of [[], [1, 2, 3], 'ab', {}, null]) {
      await expect(processor.processBatches([1, 2], 2, () => answer as never)).rejects.toMatchObject({
        code: 'BATCH_RESULT',
      });
    }
  });

  it('reserve the tokens of all items of a call', async () => {
    const clock = new ManualClock();
    const limited = new AsyncProcessor({ rateLimit: { tokensPerMinute: 10 }, clock });
    const starts: number[] = [];
    const all = limited.processBatches(
      [4, 4, 4, 4],
      2,
      async () => {
        starts.push(clock.now());
      },
      { tokens: (n) => n },
    );
    for (let i = 0; i < 70; i++) await clock.advanceAsync(1_000);
    await all;
    expect(starts[1]! - starts[0]!).toBeGreaterThanOrEqual(60_000);
  });

  it('pull no more than batches run, and than a stream holds', async () => {
    const source = new CountedSource(upTo(Number.POSITIVE_INFINITY));
    const stream = processor.streamBatches(source.sync, { maxSize: 5 }, async (items) => [...items]);
    await stream.next();
    for (let i = 0; i < 5; i++) await flushMicrotasks();
    expect(source.pulled).toBeLessThanOrEqual(15);
    await stream.return?.();
    expect(source.returned).toBe(1);
  });
});

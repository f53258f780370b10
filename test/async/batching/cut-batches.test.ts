import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CutLimits, cutBatches } from '../../../src/async/batching/cut-batches.js';
import { seedOf } from '../../random.js';

const limits = <Item>(given: Partial<CutLimits<Item>>): CutLimits<Item> => ({
  maxSize: Number.POSITIVE_INFINITY,
  maxTokens: Number.POSITIVE_INFINITY,
  tokens: undefined,
  ...given,
});
const bySize = (maxSize: number) => limits<number>({ maxSize });
const byTokens = (maxTokens: number, maxSize = Number.POSITIVE_INFINITY) =>
  limits<number>({ maxTokens, maxSize, tokens: (n) => n });

async function* lazily<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}

/** A source that counts what is asked of it. */
function watched(items: readonly number[], failAt = Number.POSITIVE_INFINITY) {
  const seen = { pulled: 0, closed: 0 };
  const iterator = {
    next: (): IteratorResult<number> => {
      if (seen.pulled === failAt) throw new Error('source');
      if (seen.pulled >= items.length) return { done: true, value: undefined };
      return { done: false, value: items[seen.pulled++]! };
    },
    return: (): IteratorResult<number> => {
      seen.closed++;
      return { done: true, value: undefined };
    },
  };
  const sync: Iterable<number> = { [Symbol.iterator]: () => iterator };
  const async: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => iterator.next(),
      return: async () => iterator.return(),
    }),
  };
  return { seen, sync, async };
}

describe('cutting by size', () => {
  it('gives full batches and one with the rest', async () => {
    expect([...cutBatches([1, 2, 3, 4, 5], bySize(2))]).toEqual([[1, 2], [3, 4], [5]]);
    expect(await allOf(cutBatches(lazily([1, 2, 3, 4]), bySize(2)))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('gives nothing for nothing', async () => {
    expect([...cutBatches<number>([], bySize(3))]).toEqual([]);
    expect(await allOf(cutBatches(lazily<number>([]), bySize(3)))).toEqual([]);
  });

  it('leaves a sync source sync', () => {
    expect(Symbol.iterator in cutBatches(new Set([1]), bySize(1))).toBe(true);
    expect(Symbol.asyncIterator in cutBatches(lazily([1]), bySize(1))).toBe(true);
  });

  it('reads no item before it is needed', async () => {
    const { seen, sync, async } = watched([1, 2, 3, 4, 5]);
    const iterator = cutBatches(sync, bySize(2))[Symbol.iterator]();
    expect(seen.pulled).toBe(0);
    iterator.next();
    expect(seen.pulled).toBe(2);
    const other = cutBatches(async, bySize(2))[Symbol.asyncIterator]();
    await other.next();
    expect(seen.pulled).toBe(4);
  });

  it('does not count tokens that nobody bounds', () => {
    const tokens = () => {
      throw new Error('called');
    };
    expect([...cutBatches([1, 2, 3], limits({ maxSize: 2, tokens }))]).toEqual([[1, 2], [3]]);
  });
});

describe('cutting by tokens', () => {
  it('ends a batch before the item that does not fit', () => {
    expect([...cutBatches([3, 3, 3, 9, 1], byTokens(7))]).toEqual([[3, 3], [3], [9], [1]]);
  });

  it('fills a batch exactly, and then waits for nothing', () => {
    const { seen, sync } = watched([3, 4, 5]);
    const iterator = cutBatches(sync, byTokens(7))[Symbol.iterator]();
    expect(iterator.next().value).toEqual([3, 4]);
    expect(seen.pulled).toBe(2);
  });

  it('sends an item beyond the bound alone', () => {
    expect([...cutBatches([1, 50, 1, 1], byTokens(10))]).toEqual([[1], [50], [1, 1]]);
  });

  it('sends an item that cannot be counted alone, and goes on', () => {
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY, '3', undefined]) {
      const tokens = (n: number) => (n === 2 ? (wrong as number) : 1);
      expect([...cutBatches([1, 2, 3, 4], limits({ maxTokens: 10, tokens }))]).toEqual([[1], [2], [3, 4]]);
    }
    const tokens = (n: number) => {
      if (n === 2) throw new Error('tokenizer');
      return 1;
    };
    expect([...cutBatches([1, 2, 3, 4], limits({ maxTokens: 10, tokens }))]).toEqual([[1], [2], [3, 4]]);
  });

  it('keeps every item once and in order, no batch above a bound, none that could have taken the next item', async () => {
    const seed = seedOf('cut-batches');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 20 }),
        async (items, maxSize, maxTokens) => {
          const sum = (batch: readonly number[]) => batch.reduce((a, b) => a + b, 0);
          const batches = [...cutBatches(items, byTokens(maxTokens, maxSize))];
          expect(batches.flat()).toEqual(items);
          batches.forEach((batch, i) => {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(maxSize);
            if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(maxTokens);
            const next = batches[i + 1];
            const isFull = batch.length === maxSize || sum(batch) >= maxTokens;
            if (next && !isFull) expect(sum(batch) + next[0]!).toBeGreaterThan(maxTokens);
          });
          expect(await allOf(cutBatches(lazily(items), byTokens(maxTokens, maxSize)))).toEqual(batches);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

describe('a source that ends early', () => {
  it('is closed by return(), once, and only while it is open', async () => {
    const one = watched([1, 2, 3]);
    for (const batch of cutBatches(one.sync, bySize(1))) if (batch[0] === 2) break;
    expect(one.seen).toEqual({ pulled: 2, closed: 1 });
    const two = watched([1, 2, 3]);
    for await (const batch of cutBatches(two.async, bySize(1))) if (batch[0] === 2) break;
    expect(two.seen).toEqual({ pulled: 2, closed: 1 });

    const ended = watched([1]);
    const iterator = cutBatches(ended.sync, bySize(1))[Symbol.iterator]();
    while (!iterator.next().done);
    iterator.return?.();
    expect(ended.seen.closed).toBe(0);
  });

  it('gives nothing after return()', async () => {
    const { sync, async } = watched([1, 2, 3, 4]);
    const iterator = cutBatches(sync, byTokens(2))[Symbol.iterator]();
    iterator.next();
    iterator.return?.();
    expect(iterator.next()).toEqual({ done: true, value: undefined });
    const other = cutBatches(async, byTokens(2))[Symbol.asyncIterator]();
    await other.next();
    await other.return?.();
    expect(await other.next()).toEqual({ done: true, value: undefined });
  });

  it('is closed at once, also while an item of it is awaited', async () => {
    let give: (step: IteratorResult<number>) => void = () => {};
    let closed = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise((resolve) => {
            give = resolve;
          }),
        return: async () => {
          closed++;
          return { done: true, value: undefined };
        },
      }),
    };
    const iterator = cutBatches(source, bySize(2))[Symbol.asyncIterator]();
    const pending = iterator.next();
    await Promise.resolve();
    await iterator.return?.();
    expect(closed).toBe(1);
    give({ done: false, value: 1 });
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('that throws halfway gives what came before, then its error, once', async () => {
    const one = watched([1, 2, 3, 4], 3);
    const iterator = cutBatches(one.sync, bySize(2))[Symbol.iterator]();
    expect(iterator.next().value).toEqual([1, 2]);
    expect(iterator.next().value).toEqual([3]);
    expect(() => iterator.next()).toThrow('source');
    expect(iterator.next().done).toBe(true);
    expect(one.seen.closed).toBe(0);

    const two = watched([1, 2, 3, 4], 3);
    const other = cutBatches(two.async, bySize(2))[Symbol.asyncIterator]();
    expect((await other.next()).value).toEqual([1, 2]);
    expect((await other.next()).value).toEqual([3]);
    await expect(other.next()).rejects.toThrow('source');
    expect((await other.next()).done).toBe(true);
    expect(two.seen.closed).toBe(0);
  });
});

describe('overlapping calls of next()', () => {
  it('are answered one after the other: nothing is lost or given twice', async () => {
    const iterator = cutBatches(lazily([1, 2, 3, 4, 5]), bySize(2))[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map((step) => step.value as unknown)).toEqual([[1, 2], [3, 4], [5], undefined]);
  });

  it('go on behind one that failed', async () => {
    const { async } = watched([1, 2], 1);
    const iterator = cutBatches(async, bySize(1))[Symbol.asyncIterator]();
    const steps = await Promise.allSettled([iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map((step) => step.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

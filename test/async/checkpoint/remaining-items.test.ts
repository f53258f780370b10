import { describe, expect, it } from 'vitest';
import { type ItemSieve, indexedItems, remainingItems } from '../../../src/async/checkpoint/remaining-items.js';

/** Lets odd items through; 99 is trouble. */
function odd(): ItemSieve<number> & { ends: number } {
  let index = 0;
  return {
    ends: 0,
    take(item) {
      if (item === 99) throw new Error('trouble');
      const place = index++;
      return item % 2 === 1 ? { item, index: place } : undefined;
    },
    ready: () => undefined,
    ended() {
      this.ends++;
    },
  };
}

/** A source that says when it is closed. */
function counted(items: readonly number[]) {
  const seen = { closed: 0, asked: 0 };
  const iterator = items[Symbol.iterator]();
  const next = (): IteratorResult<number> => {
    seen.asked++;
    return iterator.next();
  };
  const close = (): IteratorResult<number> => {
    seen.closed++;
    return { done: true, value: undefined };
  };
  const sync: Iterable<number> = { [Symbol.iterator]: () => ({ next, return: close }) };
  const async: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => close() }),
  };
  return { seen, sync, async };
}

describe.each(['sync', 'async'] as const)('what remains of a source that is %s', (kind) => {
  it('keeps order and the places in the whole input', async () => {
    const sieve = odd();
    const found = [];
    for await (const each of remainingItems(counted([0, 1, 2, 4, 5])[kind], sieve)) found.push(each);
    expect(found).toEqual([
      { item: 1, index: 1 },
      { item: 5, index: 4 },
    ]);
    expect(sieve.ends).toBe(1);
  });

  it('is everything where nothing was done', async () => {
    const found = [];
    for await (const each of indexedItems(counted([7, 8])[kind])) found.push(each);
    expect(found).toEqual([
      { item: 7, index: 0 },
      { item: 8, index: 1 },
    ]);
  });

  it('gives out what had to wait as soon as it may go, in order, before it asks for more', async () => {
    const waiting: { item: number; index: number }[] = [];
    let isFree = false;
    const sieve: ItemSieve<number> = {
      take(item) {
        isFree ||= item === 3;
        if (isFree) return undefined;
        waiting.push({ item, index: item });
        return undefined;
      },
      ready: () => (isFree ? waiting.shift() : undefined),
      ended() {},
    };
    const source = counted([1, 2, 3, 4]);
    const rest = remainingItems(source[kind], sieve);
    expect(await rest.next()).toEqual({ done: false, value: { item: 1, index: 1 } });
    expect(await rest.next()).toEqual({ done: false, value: { item: 2, index: 2 } });
    expect(source.seen.asked).toBe(3);
    expect(await rest.next()).toEqual({ done: true, value: undefined });
  });

  it('is of the same kind', () => {
    const rest = remainingItems(counted([])[kind], odd());
    expect(Symbol.asyncIterator in rest).toBe(kind === 'async');
    expect(Symbol.iterator in rest).toBe(kind === 'sync');
  });

  it('closes the source when it is left, once, also before the first item', async () => {
    for (const taken of [0, 1]) {
      const source = counted([1, 3, 5]);
      const rest = remainingItems(source[kind], odd());
      for (let i = 0; i < taken; i++) await rest.next();
      expect(await rest.return!()).toEqual({ done: true, value: undefined });
      await rest.return!();
      expect(await rest.next()).toEqual({ done: true, value: undefined });
      expect(source.seen).toEqual({ closed: 1, asked: taken });
    }
  });

  it('does not close a source that has ended', async () => {
    const source = counted([1]);
    const rest = remainingItems(source[kind], odd());
    while (!(await rest.next()).done);
    await rest.next();
    await rest.return!();
    expect(source.seen).toEqual({ closed: 0, asked: 2 });
  });

  it('closes the source over an item that is refused, and is over', async () => {
    const source = counted([1, 99, 3]);
    const rest = remainingItems(source[kind], odd());
    await rest.next();
    await expect((async () => rest.next())()).rejects.toThrow('trouble');
    expect(source.seen.closed).toBe(1);
    expect(await rest.next()).toEqual({ done: true, value: undefined });
  });

  it('says what it is missing at the end', async () => {
    const sieve = odd();
    sieve.ended = () => {
      throw new Error('too short');
    };
    const rest = remainingItems(counted([0])[kind], sieve);
    await expect((async () => rest.next())()).rejects.toThrow('too short');
    expect(await rest.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a source that fails', () => {
  it('is not closed, and hands on its error', async () => {
    let closed = 0;
    const broken = {
      next: () => {
        throw new Error('broken');
      },
      return: () => {
        closed++;
        return { done: true as const, value: undefined };
      },
    };
    const sync = remainingItems({ [Symbol.iterator]: () => broken }, odd());
    expect(() => sync.next()).toThrow('broken');
    const async = remainingItems<number>(
      {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.reject(new Error('broken')),
          return: async () => broken.return(),
        }),
      },
      odd(),
    );
    await expect(async.next()).rejects.toThrow('broken');
    expect(await async.next()).toMatchObject({ done: true });
    expect(closed).toBe(0);
  });
});

describe('an async source', () => {
  it('is closed at once, though it has not answered', async () => {
    let closed = 0;
    let answer = (_: IteratorResult<number>): void => {};
    const asked = new Promise<IteratorResult<number>>((resolve) => {
      answer = resolve;
    });
    const rest = remainingItems<number>(
      {
        [Symbol.asyncIterator]: () => ({
          next: () => asked,
          return: async () => {
            closed++;
            return { done: true, value: undefined };
          },
        }),
      },
      odd(),
    );
    const waiting = rest.next();
    await new Promise(setImmediate);
    await rest.return!();
    expect(closed).toBe(1);
    answer({ done: false, value: 1 });
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

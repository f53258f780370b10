import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { DeferredLoader, heard, testCache } from './deferred.js';

interface Report {
  rows: number[];
  at?: Date;
  read?: () => void;
}

const report = (): Report => ({ rows: [1, 2] });

describe('values: shared', () => {
  it('hands out the very value that was stored', async () => {
    const { cache } = testCache<Report>();
    const value = report();
    await cache.set('k', value);
    expect(cache.peek('k')).toBe(value);
    expect(await cache.get('k')).toBe(value);
    expect(await cache.getOrSet('k', report)).toBe(value);
    expect((await cache.getMany(['k'])).get('k')).toBe(value);
    expect((await cache.getEntry('k'))?.value).toBe(value);
  });

  it.each([
    ['a property', (value: Report) => value.rows.splice(0, 1, 9), report()],
    ['a nested list', (value: Report) => value.rows.push(3), report()],
    ['a map', (value: Map<string, number>) => value.set('a', 2), new Map([['a', 1]])],
    ['a set', (value: Set<number>) => value.add(2), new Set([1])],
    ['a typed array', (value: Float32Array) => value.fill(1), new Float32Array(8)],
    ['a date', (value: Date) => value.setTime(1), new Date(0)],
  ] as [string, (value: unknown) => void, unknown][])(
    'tells when the host changes %s of a watched value',
    async (_what, change, value) => {
      const { cache } = testCache<unknown>({ mutationSample: 1 });
      const mutated = heard(cache, 'mutated');
      await cache.set('k', value);
      await cache.set('k', value);
      expect(mutated).toEqual([]);
      change(cache.peek('k'));
      await cache.set('k', 'next');
      expect(mutated).toEqual([{ key: 'k' }]);
    },
  );

  it('finds the change at the latest after a few hits', async () => {
    const { cache } = testCache<Report>({ mutationSample: 1 });
    const mutated = heard(cache, 'mutated');
    await cache.set('k', report());
    for (let i = 0; i < 64; i++) await cache.get('k');
    expect(mutated).toEqual([]);
    (await cache.get('k'))!.rows.push(3);
    for (let i = 0; i < 64; i++) cache.peek('k');
    await flushMicrotasks();
    expect(mutated[0]).toEqual({ key: 'k' });
  });

  it('watches one in so many, or none, and never what cannot change', async () => {
    for (const [mutationSample, expected] of [
      [4, 5],
      [0, 0],
    ] as const) {
      const { cache } = testCache<Report>({ mutationSample });
      const mutated = heard(cache, 'mutated');
      for (let i = 0; i < 20; i++) await cache.set(`k${i}`, report());
      for (let i = 0; i < 20; i++) {
        cache.peek(`k${i}`)!.rows.push(3);
        await cache.set(`k${i}`, { rows: [] });
      }
      expect(mutated).toHaveLength(expected);
    }
    const { cache } = testCache<unknown>({ mutationSample: 1 });
    const mutated = heard(cache, 'mutated');
    for (const value of ['text', 1, null]) {
      await cache.set('k', value);
      await cache.set('k', 'other');
    }
    expect(mutated).toEqual([]);
  });
});

describe('values: frozen', () => {
  it('freezes all of a value once, at store, and shares it', async () => {
    const { cache } = testCache<Report>({ values: 'frozen' });
    const loaded = await cache.getOrSet('k', report);
    const hit = cache.peek('k')!;
    expect(hit).toBe(loaded);
    expect(() => hit.rows.push(3)).toThrow(TypeError);
    expect(() => {
      hit.at = new Date();
    }).toThrow(TypeError);
  });

  it('copies what cannot be frozen for each reader', async () => {
    const { cache } = testCache<Report>({ values: 'frozen' });
    await cache.set('k', { rows: [1], at: new Date(5) });
    cache.peek('k')!.at!.setTime(9);
    expect(cache.peek('k')).toEqual({ rows: [1], at: new Date(5) });
  });

  it('takes cycles, and values too deep to walk, without breaking the call', async () => {
    const { cache } = testCache<unknown>({ values: 'frozen' });
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(await cache.getOrSet('cyclic', () => cyclic)).toBe(cyclic);
    expect(Object.isFrozen(cache.peek('cyclic'))).toBe(true);
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = { deep };
    expect(await cache.getOrSet('deep', () => deep)).toBe(deep);
  });
});

describe('values: copied', () => {
  it('gives each reader a copy of its own, and keeps one from the writer', async () => {
    const { cache } = testCache<Report>({ values: 'copied' });
    const written = report();
    await cache.set('k', written);
    written.rows.push(99);
    for (const read of [
      () => cache.peek('k'),
      () => cache.get('k'),
      () => cache.getOrSet('k', report),
      async () => (await cache.getMany(['k'])).get('k'),
      async () => (await cache.getOrSetMany(['k'], () => [report()])).get('k'),
      async () => (await cache.getEntry('k'))?.value,
    ]) {
      const value = (await read())!;
      expect(value).toEqual(report());
      value.rows.push(3);
    }
  });

  it('keeps apart the callers who share one load', async () => {
    const { cache } = testCache<Report>({ values: 'copied' });
    const loader = new DeferredLoader<Report>();
    const reads = [1, 2, 3].map(() => cache.getOrSet('k', loader.load));
    loader.last.resolve(report());
    const values = await Promise.all(reads);
    expect(new Set(values).size).toBe(3);
    expect(values).toEqual([report(), report(), report()]);
    values[0]!.rows.push(3);
    expect(cache.peek('k')).toEqual(report());
  });

  it('does not store what cannot be copied, says so, and all callers get it', async () => {
    const { cache } = testCache<Report>({ values: 'copied' });
    const skipped = heard(cache, 'skip');
    const loader = new DeferredLoader<Report>();
    const reads = [1, 2].map(() => cache.getOrSet('k', loader.load));
    const value = { rows: [], read: () => {} };
    loader.last.resolve(value);
    expect(await Promise.all(reads)).toEqual([value, value]);
    expect(await cache.set('k', value)).toBe(false);
    expect(skipped).toEqual([
      { key: 'k', reason: 'not-clonable' },
      { key: 'k', reason: 'not-clonable' },
    ]);
    expect(cache.stats().entries).toBe(0);
  });

  it('does not serve on the older value in place of one that cannot be copied', async () => {
    const { cache } = testCache<Report>({ values: 'copied' });
    await cache.set('k', report());
    await cache.getOrSet('k', () => ({ rows: [], read: () => {} }), { cache: 'refresh' });
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('a value that several callers waited for', () => {
  it("is not one object for all of them where it can't be frozen", async () => {
    const { cache } = testCache<Map<string, number>>({ values: 'frozen' });
    const loader = new DeferredLoader<Map<string, number>>();
    const reads = [cache.getOrSet('k', loader.load), cache.getOrSet('k', loader.load)];
    loader.last.resolve(new Map([['n', 1]]));
    const [first, second] = await Promise.all(reads);
    first!.set('n', 2);
    expect(second!.get('n')).toBe(1);
    expect(cache.peek('k')!.get('n')).toBe(1);
  });
});

it('a class inside a frozen value is not frozen with it', async () => {
  class Money {}
  const { cache } = testCache<{ readonly kind: typeof Money }>({ values: 'frozen' });
  const value = { kind: Money };
  await cache.set('k', value);
  expect(cache.peek('k')).toBe(value);
  expect([Object.isFrozen(value), Object.isFrozen(Money), Object.isFrozen(Money.prototype)]).toEqual([
    true,
    false,
    false,
  ]);
});

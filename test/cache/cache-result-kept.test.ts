import 'reflect-metadata';
import { describe, expect, it, vi } from 'vitest';
import { cacheResult } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';
import { build, counter, pending, runs } from './counted-function.js';

describe('when', () => {
  it('decides from result and arguments whether a result is kept', async () => {
    const { cache, troubles } = build();
    const fn = vi.fn(async (id: string, rows: number) => ({ id, rows }));
    const seen: unknown[] = [];
    const wrapped = cacheResult(cache, {
      name: 'f',
      when: (result: { rows: number }, id: string) => {
        seen.push([result, id]);
        return result.rows > 0;
      },
    })(fn);
    await wrapped('a', 0);
    await wrapped('a', 0);
    await wrapped('a', 1);
    await wrapped('a', 1);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(seen[0]).toEqual([{ id: 'a', rows: 0 }, 'a']);
    expect(troubles).toEqual([]);
  });

  it('that throws does not break the call; the result is not kept', async () => {
    const { cache, troubles } = build();
    const error = new Error('when broke');
    const fn = counter();
    const wrapped = cacheResult(cache, {
      name: 'f',
      when: () => {
        throw error;
      },
    })(fn);
    expect(await wrapped()).not.toBe(await wrapped());
    expect(troubles[0]).toMatchObject({ error, during: 'a callback of cacheResult' });
  });
});

describe('tags', () => {
  it('are a list, or made from result and arguments', async () => {
    const { cache } = build();
    const listed = cacheResult(cache, { name: 'listed', tags: ['sales'] })(counter());
    const made = cacheResult(cache, {
      name: 'made',
      tags: (result: { shop: string }, year: number) => [`shop:${result.shop}`, `year:${year}`],
    })(async (year: number, shop: string) => ({ shop, year, run: runs.next() }));
    const [one, two, three] = [await listed(), await made(2024, 'north'), await made(2025, 'south')];
    await cache.invalidateTags(['shop:north']);
    expect(await listed()).toBe(one);
    expect(await made(2024, 'north')).not.toBe(two);
    expect(await made(2025, 'south')).toBe(three);
    await cache.invalidateTags(['year:2025', 'sales']);
    expect(await listed()).not.toBe(one);
    expect(await made(2025, 'south')).not.toBe(three);
  });

  it.each(['a list', 'made late'])('%s: what was read before an invalidation is not kept', async (form) => {
    const { cache } = build();
    let source = 'old';
    const { promise, finish } = pending<undefined>();
    const read = vi.fn(async () => {
      const value = source;
      await promise;
      return value;
    });
    const wrapped = cacheResult(cache, { name: 'f', tags: form === 'a list' ? ['t'] : () => ['t'] })(read);
    const early = wrapped();
    await flushMicrotasks();
    source = 'new';
    await cache.invalidateTags(['t']);
    finish(undefined);
    expect(await early).toBe('old');
    expect(await wrapped()).toBe('new');
    expect(read).toHaveBeenCalledTimes(2);
  });

  it.each<[string, () => readonly string[]]>([
    [
      'throws',
      () => {
        throw new Error('tags broke');
      },
    ],
    ['answers with no list', () => 1 as unknown as string[]],
    ['names nothing', () => ['']],
  ])('a callback that %s does not break the call; the result is not kept', async (_name, tags) => {
    const { cache, troubles } = build();
    const fn = counter();
    const wrapped = cacheResult(cache, { name: 'f', tags })(fn);
    const first = await wrapped('a');
    expect(first).toBeTypeOf('number');
    expect(await wrapped('a')).not.toBe(first);
    expect(troubles[0]).toMatchObject({ during: 'a callback of cacheResult' });
  });
});

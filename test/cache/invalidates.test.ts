import 'reflect-metadata';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheManager, InvalidOptionError, invalidates } from '../../src/cache/index.js';
import { flushMicrotasks } from '../manual-clock.js';

let cache: CacheManager;
let troubles: { error: unknown; during: string }[];

beforeEach(async () => {
  cache = new CacheManager();
  troubles = [];
  cache.on('error', (trouble) => troubles.push(trouble));
  for (const shop of ['north', 'south']) await cache.set(`total:${shop}`, 1, { tags: [`shop:${shop}`] });
});

const cached = async (): Promise<string[]> => [...cache.entries()].map(([key]) => key).sort();

interface Sale {
  readonly shop: string;
}

describe('a wrapped function', () => {
  it('takes out the tags and keys made from its result and arguments', async () => {
    await cache.set({ report: 1 }, 'r');
    const save = invalidates(cache, {
      tags: (result: { id: number }, sale: Sale) => [`shop:${sale.shop}`, `sale:${result.id}`],
      keys: (result: { id: number }) => [{ report: result.id }],
    })(async (sale: Sale) => ({ id: 1, shop: sale.shop }));
    expect(await save({ shop: 'north' })).toEqual({ id: 1, shop: 'north' });
    expect(await cached()).toEqual(['total:south']);
    expect(await cache.get({ report: 1 })).toBeUndefined();
  });

  it('takes out what is listed, before its promise resolves', async () => {
    const save = invalidates(cache, { tags: ['shop:north'], keys: ['total:south'] })(async () => 1);
    await save();
    expect(await cached()).toEqual([]);
  });

  it('takes keys and tags out of the shared tier too, before its promise resolves', async () => {
    const store = new Map<string, unknown>();
    const node = (): CacheManager => new CacheManager({ namespace: 'invalidates', remote: store });
    const here = node();
    await here.setMany([
      ['by key', 1],
      ['stays', 1],
    ]);
    await here.set('by tag', 1, { tags: ['shop:north'] });
    await invalidates(here, { tags: ['shop:north'], keys: ['by key', { report: 1 }] })(async () => 1)();
    expect(await node().getMany(['by key', 'by tag', 'stays'])).toEqual(new Map([['stays', 1]]));
  });

  it('resolves once the invalidation has, which may have to reach other processes', async () => {
    let told = (): void => {};
    vi.spyOn(cache, 'invalidateTags').mockReturnValue(
      new Promise((resolve) => {
        told = () => resolve({ remote: 'done', token: '' });
      }),
    );
    let saved = false;
    const saving = invalidates(cache, { tags: ['t'] })(async () => 1)().then(() => {
      saved = true;
    });
    await flushMicrotasks();
    expect(saved).toBe(false);
    told();
    await saving;
  });

  it('takes out nothing where it fails, and hands its error on', async () => {
    const error = Object.freeze(new RangeError('mine'));
    const tags = vi.fn(() => ['shop:north']);
    const save = invalidates(cache, { tags })(async () => {
      throw error;
    });
    await expect(save()).rejects.toBe(error);
    expect(tags).not.toHaveBeenCalled();
    expect(await cached()).toEqual(['total:north', 'total:south']);
    expect(troubles).toEqual([]);
  });

  it('takes out nothing until it has succeeded', async () => {
    let finish = (): void => {};
    const save = invalidates(cache, { tags: ['shop:north'] })(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const saving = save();
    await flushMicrotasks();
    expect(await cached()).toEqual(['total:north', 'total:south']);
    finish();
    await saving;
    expect(await cached()).toEqual(['total:south']);
  });

  it('may also do so before it runs, whatever comes of it', async () => {
    const seen: unknown[] = [];
    const save = invalidates(cache, {
      when: 'before-and-after',
      tags: (result: unknown, shop: string) => {
        seen.push(result);
        return [`shop:${shop}`];
      },
    })(async (shop: string) => {
      seen.push(await cached());
      if (shop === 'south') throw new Error('mine');
      return 'saved';
    });
    await save('north');
    expect(seen).toEqual([undefined, ['total:south'], 'saved']);
    await expect(save('south')).rejects.toThrow('mine');
    expect(await cached()).toEqual([]);
  });

  it('keeps receiver, name, length and metadata', async () => {
    async function save(this: { id: number }, _sale: Sale): Promise<number> {
      return this.id;
    }
    Reflect.defineMetadata('route', '/save', save);
    const wrapped = invalidates(cache, { tags: ['t'] })(save);
    expect(await wrapped.call({ id: 7 }, { shop: 'x' })).toBe(7);
    expect([wrapped.name, wrapped.length]).toEqual(['save', 1]);
    expect(Reflect.getOwnMetadata('route', wrapped)).toBe('/save');
  });

  it('works while the cache is off, so that nothing old is there when it is on again', async () => {
    cache.mode = 'off';
    await invalidates(cache, { tags: ['shop:north'], keys: ['total:south'] })(async () => 1)();
    cache.mode = 'on';
    expect(await cached()).toEqual([]);
  });

  it('finds its cache at the call, and rejects before it runs where there is none', async () => {
    const fn = vi.fn(async () => 1);
    const save = invalidates((self: { cache: CacheManager }) => self.cache, { tags: ['shop:north'] })(fn);
    await save.call({ cache });
    expect(await cached()).toEqual(['total:south']);
    await expect(save.call({} as never)).rejects.toThrow(
      'invalidates: the result of (self) => cache must be a CacheManager',
    );
    expect(fn).toHaveBeenCalledTimes(1);
  });
});

describe('trouble with an invalidation', () => {
  const broken = (): never => {
    throw new Error('callback broke');
  };

  it('does not break the call, and is reported', async () => {
    const save = invalidates(cache, { tags: broken })(async () => 'saved');
    expect(await save()).toBe('saved');
    expect(troubles).toMatchObject([{ error: { message: 'callback broke' }, during: 'invalidates' }]);
  });

  it('of tags does not keep keys alive, nor the other way round', async () => {
    await invalidates(cache, { tags: broken, keys: ['total:south'] })(async () => 1)();
    expect(await cached()).toEqual(['total:north']);
    await invalidates(cache, { tags: ['shop:north'], keys: broken })(async () => 1)();
    expect(await cached()).toEqual([]);
    expect(troubles).toHaveLength(2);
  });

  it('that the cache itself has does not break the call', async () => {
    vi.spyOn(cache, 'invalidateTags').mockRejectedValue(new Error('remote away'));
    expect(await invalidates(cache, { tags: ['t'] })(async () => 'saved')()).toBe('saved');
    expect(await invalidates(cache, { tags: () => [''] })(async () => 'saved')()).toBe('saved');
    expect(await invalidates(cache, { keys: () => [() => 1] })(async () => 'saved')()).toBe('saved');
    expect(troubles).toHaveLength(3);
  });
});

describe('a load under way', () => {
  /** A source whose reads take until they are let go. */
  function source() {
    const waiting: (() => void)[] = [];
    const state = { value: 'old' };
    const read = vi.fn(async () => {
      const value = state.value;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return value;
    });
    return { state, read, release: () => waiting.splice(0).forEach((go) => void go()) };
  }

  it.each<[string, { tags: string[] } | { keys: string[] }]>([
    ['a tag', { tags: ['t'] }],
    ['a key', { keys: ['k'] }],
  ])('when the call that takes out %s completes is not kept: later readers see the new value', async (_name, what) => {
    const { state, read, release } = source();
    const early = cache.getOrSet('k', read, { tags: ['t'] });
    await flushMicrotasks();
    const save = invalidates(
      cache,
      what,
    )(async (value: string) => {
      state.value = value;
    });
    await save('new');
    const late = cache.getOrSet('k', read, { tags: ['t'] });
    await flushMicrotasks();
    release();
    // Who asked before the change may see what was before it.
    expect(await early).toBe('old');
    expect(await late).toBe('new');
    expect(await cache.get('k')).toBe('new');
    expect(cache.stats().loads).toBe(2);
  });

  it('that began during the call and read too early is not kept either', async () => {
    const { state, read, release } = source();
    let commit = (): void => {};
    const save = invalidates(cache, { tags: ['t'] })(async () => {
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
      state.value = 'new';
    });
    const saving = save();
    await flushMicrotasks();
    const during = cache.getOrSet('k', read, { tags: ['t'] });
    await flushMicrotasks();
    commit();
    await saving;
    release();
    await during;
    expect(await cache.get('k')).toBeUndefined();
  });
});

describe('where it is applied', () => {
  it.each<[string, () => unknown, string]>([
    ['no cache', () => invalidates(null as never, { tags: ['t'] }), 'invalidates: cache must be a CacheManager'],
    ['no options', () => invalidates(cache, undefined as never), 'something to invalidate'],
    ['nothing to invalidate', () => invalidates(cache, {}), 'something to invalidate'],
    ['tags that are no list', () => invalidates(cache, { tags: 'sales' as never }), 'tags must be a list'],
    ['an empty tag', () => invalidates(cache, { tags: [''] }), 'tags must be strings'],
    ['keys that are no list', () => invalidates(cache, { keys: 'abc' as never }), 'keys must be a list'],
    ['another moment', () => invalidates(cache, { tags: ['t'], when: 'before' as never }), "'before-and-after'"],
  ])('%s is refused', (_name, apply, message) => {
    expect(apply).toThrow(InvalidOptionError);
    expect(apply).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { CacheManager, type LoaderContext } from '../../src/cache/index.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';

/** The ways to say that a value is old, each on its own while a loader runs. */
const WAYS: Record<string, (cache: CacheManager<string>) => Promise<unknown>> = {
  delete: (cache) => cache.delete('report:1'),
  deleteMany: (cache) => cache.deleteMany(['other', 'report:1']),
  'a tag': (cache) => cache.invalidateTags(['sales']),
  'a prefix': (cache) => cache.invalidate('report:*'),
  'a glob': (cache) => cache.invalidate('*:1'),
  'a pattern without wildcards': (cache) => cache.invalidate('report:1'),
  clear: (cache) => cache.clear(),
  set: (cache) => cache.set('report:1', 'new'),
  setMany: (cache) => cache.setMany([['report:1', 'new']]),
};

/** The ways a value is loaded. Each starts a load that has read `old` and ends when `finish` is called. */
const FILLS: Record<string, (world: World) => Promise<string | undefined>> = {
  'a foreground load': ({ cache, load }) => cache.getOrSet('report:1', load, { tags: ['sales'] }),
  'a foreground load with a tag named late': ({ cache, load }) =>
    cache.getOrSet('report:1', async (context) => {
      const value = await load();
      context.tag('sales');
      return value;
    }),
  'a refresh asked for': ({ cache, load }) => cache.getOrSet('report:1', load, { tags: ['sales'], cache: 'refresh' }),
  'a background refresh': async ({ cache, clock, load }) => {
    await cache.set('report:1', 'older', { ttl: 10, stale: 1000, tags: ['sales'] });
    clock.advance(20);
    return cache.getOrSet('report:1', load, { tags: ['sales'] });
  },
  'a batch load': async ({ cache, load }) => {
    const values = await cache.getOrSetMany(['report:0', 'report:1'], async () => ['zero', await load()], {
      tags: ['sales'],
    });
    return values.get('report:1');
  },
  'a batch load with a tag named late': async ({ cache, load }) => {
    const late = async (_: readonly string[], { tag }: Pick<LoaderContext, 'tag'>) => {
      const value = await load();
      tag('sales');
      return new Map([['report:1', value]]);
    };
    return (await cache.getOrSetMany(['report:1'], late)).get('report:1');
  },
  'a load past its hard deadline': ({ cache, clock, load }) => {
    const read = cache.getOrSet('report:1', load, { tags: ['sales'] });
    clock.advance(60_000);
    return read.catch((error: Error) => error.name);
  },
};

interface World {
  readonly cache: CacheManager<string>;
  readonly clock: ManualClock;
  readonly load: () => Promise<string>;
  readonly finish: () => void;
}

function world(): World {
  const clock = new ManualClock();
  const cache = new CacheManager<string>({ clock, jitter: 0, earlyRefresh: 0, loader: { hardDeadline: '30s' } });
  let finish = (): void => {};
  const answer = new Promise<string>((resolve) => {
    finish = () => resolve('old');
  });
  return { cache, clock, load: () => answer, finish: () => finish() };
}

describe.each(Object.keys(FILLS))('%s', (fill) => {
  it.each(Object.keys(WAYS))('does not store what %s made old while it ran', async (way) => {
    const w = world();
    const inFlight = FILLS[fill]!(w);
    await flushMicrotasks();
    await WAYS[way]!(w.cache);
    w.finish();
    const seen = await inFlight;
    await flushMicrotasks();
    // Who was waiting gets an answer: the value it asked for, or what its kind of read gives.
    expect(['old', 'older', 'LoaderDeadlineError']).toContain(seen);
    const expected = way.startsWith('set') ? 'new' : 'reloaded';
    expect(await w.cache.get('report:1', 'absent')).toBe(way.startsWith('set') ? 'new' : 'absent');
    expect(await w.cache.getOrSet('report:1', () => 'reloaded')).toBe(expected);
  });

  it('stores what nothing made old', async () => {
    const w = world();
    const inFlight = FILLS[fill]!(w);
    await flushMicrotasks();
    await w.cache.invalidateTags(['unrelated']);
    await w.cache.invalidate('other:*');
    await w.cache.invalidate('*:2');
    await w.cache.delete('report:0');
    w.finish();
    await inFlight;
    await flushMicrotasks();
    expect(await w.cache.get('report:1')).toBe('old');
  });

  it.each(Object.keys(WAYS).filter((way) => !way.startsWith('set')))(
    'is not joined by a reader who comes after %s',
    async (way) => {
      const w = world();
      const inFlight = FILLS[fill]!(w);
      await flushMicrotasks();
      await WAYS[way]!(w.cache);
      const later = w.cache.getOrSet('report:1', () => 'reloaded', { tags: ['sales'] });
      await flushMicrotasks();
      w.finish();
      expect(await later).toBe('reloaded');
      await inFlight;
      await flushMicrotasks();
      expect(await w.cache.get('report:1')).toBe('reloaded');
    },
  );
});

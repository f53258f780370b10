import Keyv from 'keyv';
import Keyv6, { KeyvMemoryAdapter } from 'keyv-6';
import { describe, expect, it } from 'vitest';
import { CacheManager, createKeyvStore, InvalidOptionError } from '../../../src/cache/index.js';
import { isKeyvLike, isKeyvStorage } from '../../../src/cache/remote/keyv-contract.js';
import { keyvStore } from '../../../src/cache/remote/keyv-source.js';
import { ManualClock } from '../../manual-clock.js';
import { Adapter5, Adapter6, RecordingMap } from './keyv-adapters.js';

const NOW = 1_700_000_000_000;
const now = () => NOW;
const BYTES = Buffer.from([0, 255, 104, 112, 10]);
const TEXT = `hp1:${BYTES.toString('base64')}`;

/** Everything that may stand behind the shared tier without a server. */
const SOURCES = {
  'Keyv 5.6 over a Map': () => new Keyv(new Map()),
  'Keyv 5.6 over an adapter of version 5': () => new Keyv({ store: new Adapter5(), namespace: 'n' }),
  'Keyv 5.6 over this cache': () => new Keyv({ store: createKeyvStore(new CacheManager()) }),
  'Keyv 6 over a Map': () => new Keyv6(new Map()),
  'Keyv 6 over an adapter of version 5': () => new Keyv6(new Adapter5(), { namespace: 'n' }),
  'Keyv 6 over an adapter of version 6': () => new Keyv6(new Adapter6() as never),
  'an adapter of version 5': () => new Adapter5(),
  'an adapter of version 6': () => new Adapter6(),
  'an adapter of version 6 from Keyv': () => new KeyvMemoryAdapter(new Map()),
  'this cache, version 5': () => createKeyvStore(new CacheManager()),
  'this cache, version 6': () => createKeyvStore(new CacheManager(), { contract: 6 }),
  'a Map': () => new Map<string, unknown>(),
};

describe.each(Object.entries(SOURCES))('%s', (_, build) => {
  it('gives back the bytes it was given, in the order of the keys', async () => {
    const store = keyvStore(build());
    await store.set('a', BYTES, 60_000);
    await store.setMany([
      { key: 'b', bytes: Buffer.alloc(0), ttlMs: Number.POSITIVE_INFINITY },
      { key: 'c', bytes: Buffer.from('c'), ttlMs: 60_000 },
    ]);
    expect(await store.get('a')).toEqual(BYTES);
    expect(await store.get('absent')).toBeUndefined();
    expect(await store.getMany(['c', 'absent', 'a', 'b'])).toEqual([
      Buffer.from('c'),
      undefined,
      BYTES,
      Buffer.alloc(0),
    ]);
    expect(await store.getMany([])).toEqual([]);
    await store.delete(['a', 'b', 'absent']);
    await store.delete([]);
    expect(await store.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, Buffer.from('c')]);
    await store.clear?.();
    expect(await store.get('c')).toBeUndefined();
  });

  it('removes what has no time left', async () => {
    const store = keyvStore(build());
    for (const ttlMs of [0, -1, Number.NaN]) {
      await store.setMany(['a', 'b'].map((key) => ({ key, bytes: BYTES, ttlMs: 60_000 })));
      await store.set('a', BYTES, ttlMs);
      await store.setMany([
        { key: 'b', bytes: BYTES, ttlMs },
        { key: 'c', bytes: BYTES, ttlMs: 60_000 },
      ]);
      expect(await store.getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, BYTES]);
    }
  });

  it('is recognised for what it is', () => {
    const source = build();
    const isInstance = source instanceof Keyv || source instanceof Keyv6;
    expect([isKeyvLike(source), isKeyvStorage(source)]).toEqual([isInstance, !isInstance]);
  });
});

describe('what is handed to a store as its lifetime', () => {
  const write = async (source: Parameters<typeof keyvStore>[0]): Promise<void> => {
    const store = keyvStore(source, now);
    await store.set('one', BYTES, 1_000.2);
    await store.set('ever', BYTES, Number.POSITIVE_INFINITY);
    await store.setMany([
      { key: 'two', bytes: BYTES, ttlMs: 2_000 },
      { key: 'all', bytes: BYTES, ttlMs: Number.POSITIVE_INFINITY },
    ]);
  };

  it('is a time to live for an adapter of version 5', async () => {
    const adapter = new Adapter5();
    await write(adapter);
    expect(adapter.calls).toEqual([
      ['set', 'one', TEXT, 1_001],
      ['set', 'ever', TEXT, undefined],
      [
        'setMany',
        [
          { key: 'two', value: TEXT, ttl: 2_000 },
          { key: 'all', value: TEXT, ttl: undefined },
        ],
      ],
    ]);
  });

  it('is the moment of expiry for an adapter of version 6', async () => {
    const adapter = new Adapter6();
    await write(adapter);
    expect(adapter.calls).toEqual([
      ['set', 'one', TEXT, NOW + 1_001],
      ['set', 'ever', TEXT, undefined],
      [
        'setMany',
        [
          { key: 'two', value: TEXT, expires: NOW + 2_000 },
          { key: 'all', value: TEXT, expires: undefined },
        ],
      ],
    ]);
  });

  it('is the moment for an adapter of version 6 that looks like a Keyv of version 4', async () => {
    const adapter = Object.assign(new Adapter6(), { opts: { store: {} } });
    await write(adapter);
    expect(adapter.lifetimes()[0]).toBe(NOW + 1_001);
  });

  it('is a time to live where there are no batches', async () => {
    const map = new RecordingMap();
    await write(map);
    expect(map.calls).toEqual([
      ['set', 'one', TEXT, 1_001],
      ['set', 'ever', TEXT, undefined],
      ['set', 'two', TEXT, 2_000],
      ['set', 'all', TEXT, undefined],
    ]);
  });

  it.each([5, 6] as const)('reaches the adapter behind Keyv %i, whatever default the instance has', async (version) => {
    const adapter = version === 5 ? new Adapter5() : new Adapter6();
    await write(version === 5 ? new Keyv(adapter as never, { ttl: 5 }) : new Keyv6(adapter as never, { ttl: 5 }));
    const lifetimes = adapter.lifetimes();
    if (version === 5) expect(lifetimes).toEqual([1_001, undefined, 2_000, undefined]);
    else {
      // Keyv 6 reads the clock itself.
      expect(lifetimes.map((expires) => expires && Math.round((expires - Date.now()) / 1_000))).toEqual([
        1,
        undefined,
        2,
        undefined,
      ]);
    }
  });

  it('ends an entry of a real store on time, under both contracts', async () => {
    for (const contract of [5, 6] as const) {
      const clock = new ManualClock();
      const cache = new CacheManager({ clock, jitter: 0 });
      const adapter = contract === 5 ? createKeyvStore(cache) : createKeyvStore(cache, { contract: 6, clock });
      const store = keyvStore(adapter, () => clock.now());
      await store.set('k', BYTES, 1_000);
      clock.advance(999);
      expect(await store.get('k')).toEqual(BYTES);
      clock.advance(1);
      expect(await store.get('k')).toBeUndefined();
    }
  });
});

describe('keys that begin like the namespace of the instance', () => {
  it.each([
    new Keyv({ store: new Adapter5(), namespace: 'n' }),
    new Keyv({ store: new Map(), namespace: 'n' }),
    new Keyv6({ store: new Map(), namespace: 'n' }),
  ])('are the same in single calls and in batches', async (keyv) => {
    const store = keyvStore(keyv);
    await store.set('n:a', BYTES, 60_000);
    await store.set('a', Buffer.from('other'), 60_000);
    expect(await store.getMany(['n:a', 'a', 'absent'])).toEqual([BYTES, Buffer.from('other'), undefined]);
    expect(await store.get('n:a')).toEqual(BYTES);
    await store.delete(['n:a', 'absent']);
    expect(await store.getMany(['n:a', 'a'])).toEqual([undefined, Buffer.from('other')]);
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', undefined],
    ['a text', 'redis://localhost'],
    ['an object without methods', {}],
    ['a store that only reads', { get: () => 1, set: () => 1 }],
    ['a store that nothing says is one', { get: () => 1, set: () => 1, delete: () => 1 }],
    ['a cache', new CacheManager()],
  ])('%s', (_, value) => {
    expect([isKeyvLike(value), isKeyvStorage(value)]).toEqual([false, false]);
    expect(() => keyvStore(value as never)).toThrow(InvalidOptionError);
  });

  it('a Keyv of version 4, by name', () => {
    const keyv4 = { opts: { store: new Map() }, get() {}, set() {}, delete() {}, clear() {}, has() {}, on() {} };
    expect([isKeyvLike(keyv4), isKeyvStorage(keyv4)]).toEqual([false, false]);
    expect(() => keyvStore(keyv4 as never)).toThrow(/5\.6 or later/);
  });

  it('a Keyv 6 that rewrites keys: two keys would become one', async () => {
    const keyv = new Keyv6({ sanitize: { keys: true } });
    await keyv.set('a;b', 1);
    expect(await keyv.get('ab')).toBe(1);
    expect(() => keyvStore(keyv)).toThrow(/sanitize/);
    expect(() => keyvStore(new Keyv6({ sanitize: { namespace: true } }))).not.toThrow();
  });
});

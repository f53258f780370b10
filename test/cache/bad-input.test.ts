import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { CacheManager, type CacheOptions, HotpathError, InvalidOptionError } from '../../src/cache/index.js';
import { testCache } from './deferred.js';

/** Each bad option with its name and what the message has to show of the value. */
const OPTIONS: [name: string, options: unknown, shown: string][] = [
  ['options', null, 'null'],
  ['options', 'redis', '"redis"'],
  ['namespace', { namespace: '' }, '""'],
  ['namespace', { namespace: 5 }, '5'],
  ['ttl', { ttl: -1 }, '-1'],
  ['ttl', { ttl: Number.NaN }, 'NaN'],
  ['ttl', { ttl: '5 minutes' }, '"5 minutes"'],
  ['stale', { stale: '-5m' }, '"-5m"'],
  ['memory', { memory: false }, 'false'],
  ['memory', { memory: null }, 'null'],
  ['memory', { memory: 100 }, '100'],
  ['memory.maxEntries', { memory: { maxEntries: 0 } }, '0'],
  ['memory.maxEntries', { memory: { maxEntries: 1.5 } }, '1.5'],
  ['memory.maxBytes', { memory: { maxBytes: '64mb' } }, '"64mb"'],
  ['memory.policy', { memory: { policy: 'fifo' } }, '"fifo"'],
  ['loader', { loader: () => {} }, 'function'],
  ['loader.softDeadline', { loader: { softDeadline: -1 } }, '-1'],
  ['loader.hardDeadline', { loader: { hardDeadline: 0 } }, '0'],
  ['loader.backoff', { loader: { backoff: 'soon' } }, '"soon"'],
  ['values', { values: 'cloned' }, '"cloned"'],
  ['mutationSample', { mutationSample: -1 }, '-1'],
  ['earlyRefresh', { earlyRefresh: -1 }, '-1'],
  ['jitter', { jitter: 1.1 }, '1.1'],
  ['negativeTtl', { negativeTtl: -1 }, '-1'],
  ['errorTtl', { errorTtl: '1 day' }, '"1 day"'],
  ['maxRefreshes', { maxRefreshes: 0.5 }, '0.5'],
  ['waitUntil', { waitUntil: {} }, '{}'],
  ['scope', { scope: 'tenant' }, '"tenant"'],
  ['mode', { mode: 'dry-run' }, '"dry-run"'],
  ['logger', { logger: 'console' }, '"console"'],
  ['clock', { clock: { now: Date.now } }, '{}'],
  ['maxEntries', { maxEntries: 100 }, '100'],
  ['memory.maxSize', { memory: { maxSize: 100 } }, '100'],
  ['loader.timeout', { loader: { timeout: '1s' } }, '"1s"'],
];

/** With everything else in order. */
const over = (remote: unknown, others: object = {}): object => ({ namespace: 'n', remote, ...others });
const STORE = new Map();
const tuned = (tuning: object): object => over({ store: STORE, ...tuning });
const broken = (breaker: unknown): object => tuned({ breaker });
const coordinated = (coordinator: unknown): object => over(STORE, { coordinator });
/** Clients of long ago, by what tells them. */
const oldNodeRedis = { on() {}, off() {}, sendCommand() {}, isOpen: true, multi() {}, quit() {}, disconnect() {} };
const oldIoredis = { on() {}, off() {}, callBuffer() {}, disconnect() {}, status: 'wait', options: {} };
const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'app:' });

const SHARED: [name: string, options: unknown, shown: string][] = [
  ['namespace', { remote: 'redis://localhost' }, 'given with a remote'],
  ['namespace', { remote: STORE, namespace: undefined }, 'given with a remote'],
  ['remote', over(null), 'null'],
  ['remote', over(true), 'true'],
  ['remote', over('localhost:6379'), '"a text without scheme"'],
  ['remote', over('memcached://localhost'), '"memcached://..."'],
  ['remote', over('redis://localhost/cache'), 'the path is the number of the database'],
  ['remote', over('redis:///0'), 'the host is missing'],
  ['remote', over({}), '{}'],
  ['remote', over([]), '[]'],
  ['remote', over({ url: 'redis://localhost' }), 'an object with url'],
  ['remote', over({ store: {} }), '{ store: one of these }'],
  ['remote', over(new CacheManager()), 'an instance of CacheManager'],
  ['remote', over(oldNodeRedis), 'this node-redis is older than 5'],
  ['remote', over(oldIoredis), 'this ioredis is older than 5'],
  ['remote', over(prefixed), 'this one has a keyPrefix'],
  ['remote', over({ opts: { store: STORE }, get() {}, set() {}, delete() {} }), 'a Keyv of version 5.6 or later'],
  ['remote.store', over({ store: 'localhost' }), '"a text without scheme"'],
  ['remote.store', over({ store: oldIoredis }), 'this ioredis is older than 5'],
  ['remote.readDeadline', tuned({ readDeadline: 0 }), '0'],
  ['remote.readDeadline', tuned({ readDeadline: Number.POSITIVE_INFINITY }), 'Infinity'],
  ['remote.readDeadline', tuned({ readDeadline: 'soon' }), '"soon"'],
  ['remote.writeDeadline', tuned({ writeDeadline: -1 }), '-1'],
  ['remote.compressAbove', tuned({ compressAbove: -1 }), '-1'],
  ['remote.compressAbove', tuned({ compressAbove: '16kb' }), '"16kb"'],
  ['remote.timeout', tuned({ timeout: 1_000 }), '1000'],
  ['remote.breaker', broken('off'), '"off"'],
  ['remote.breaker', broken(null), 'null'],
  ['remote.breaker.consecutive', broken({ consecutive: 0 }), '0'],
  ['remote.breaker.consecutive', broken({ consecutive: 1.5 }), '1.5'],
  ['remote.breaker.failureRate', broken({ failureRate: 0 }), '0'],
  ['remote.breaker.failureRate', broken({ failureRate: 1.1 }), '1.1'],
  ['remote.breaker.cooldown', broken({ cooldown: 0 }), '0'],
  ['remote.breaker.maxCooldown', broken({ maxCooldown: 'long' }), '"long"'],
  ['remote.breaker.threshold', broken({ threshold: 5 }), '5'],
  ['coordinator', coordinated(false), 'false'],
  ['coordinator', coordinated(null), 'null'],
  ['coordinator', coordinated('http://localhost'), '"http://..."'],
  ['coordinator', coordinated(new Map()), 'an instance of Map'],
  ['coordinator', coordinated([]), '[]'],
  ['coordinator.redis', coordinated({ redis: new Map() }), 'an instance of Map'],
  ['coordinator.redis', coordinated({ redis: 'localhost' }), '"a text without scheme"'],
  ['coordinator.redis', coordinated({ redis: oldNodeRedis }), 'this node-redis is older than 5'],
  ['coordinator', coordinated(oldNodeRedis), 'this node-redis is older than 5'],
  ['coordinator.lease', coordinated({ lease: 0 }), '0'],
  ['coordinator.degradedTtl', coordinated({ degradedTtl: -1 }), '-1'],
  ['coordinator.heartbeat', coordinated({ heartbeat: Number.POSITIVE_INFINITY }), 'Infinity'],
  ['coordinator.url', coordinated({ url: 'redis://localhost' }), '"a text"'],
  ['schema', over(STORE, { schema: {} }), '{}'],
  ['schema', over(STORE, { schema: { '~standard': { version: 1 } } }), '~standard'],
  ['codec', over(STORE, { codec: 'json' }), '"json"'],
  ['codec', over(STORE, { codec: { id: '', encode() {}, decode() {} } }), '{"id":""}'],
  ['codec', over(STORE, { codec: { id: 'x', encode() {} } }), '{"id":"x"}'],
  ['codec.id', over(STORE, { codec: { id: 'x'.repeat(256), encode() {}, decode() {} } }), '"xxx'],
  // Without a remote they would do nothing, and nobody must think they did.
  ['coordinator', { coordinator: 'redis://localhost' }, '"redis://localhost"'],
  ['schema', { schema: { '~standard': {} } }, '~standard'],
  ['codec', { codec: { id: 'x' } }, '{"id":"x"}'],
];

describe('an option that makes no sense', () => {
  it.each([...OPTIONS, ...SHARED])('is refused where the cache is made: %s in %j', (name, options, shown) => {
    let caught: unknown;
    try {
      new CacheManager(options as CacheOptions);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    expect(caught).toMatchObject({ code: 'INVALID_OPTION', option: name });
    expect((caught as Error).message).toMatch(new RegExp(`^${name} must be .+, got .*`));
    expect((caught as Error).message).toContain(shown);
  });

  it.each<[string, (url: string) => object]>([
    ['remote', (url) => over(url)],
    ['remote.store', (url) => over({ store: url })],
    ['coordinator', (url) => coordinated(url)],
    ['coordinator.redis', (url) => coordinated({ redis: url })],
  ])('does not give away the password of a URL: %s', (_name, options) => {
    for (const url of [
      'redis://me:s3cret@:6379',
      'http://me:s3cret@host',
      'me:s3cret@host',
      'redis://me:s3cret@h/x',
      's3cret',
    ]) {
      let message = '';
      try {
        new CacheManager(options(url) as CacheOptions);
      } catch (error) {
        message = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`;
      }
      expect(message).toContain('INVALID_OPTION');
      expect(message).not.toContain('s3cret');
    }
    for (const wrong of [
      { remote: { host: 'h', password: 's3cret' } },
      { remote: { url: 'redis://me:s3cret@h' } },
      { remote: { store: 'redis://h', password: 's3cret' } },
      { remote: { store: 'redis://h', socket: { password: 's3cret' } } },
      { remote: { store: { url: 'redis://me:s3cret@h' } } },
      { remote: STORE, coordinator: { url: 'redis://me:s3cret@h' } },
      { remote: STORE, coordinator: { redis: { password: 's3cret' } } },
      { redis: 'redis://me:s3cret@h' },
    ]) {
      expect(() => new CacheManager({ namespace: 'n', ...wrong } as never)).toThrow(/^(?!.*s3cret)/);
      expect(() => new CacheManager({ namespace: 'n', ...wrong } as never)).toThrow(InvalidOptionError);
    }
    // Nor that of a good one, where something else is wrong.
    const good = options('redis://me:s3cret@host:6379') as CacheOptions;
    expect(() => new CacheManager({ ...good, ttl: -1 })).toThrow(/^ttl must be (?!.*s3cret)/);
    expect(() => new CacheManager({ ...good, namespace: undefined as never })).toThrow(
      /^namespace must be (?!.*s3cret)/,
    );
  });

  it('is refused at the call, as a rejection, and leaves the cache as it was', async () => {
    const { cache } = testCache<unknown>();
    await cache.set('k', 'v');
    const load = () => 'loaded';
    const bad: [option: string, call: () => Promise<unknown>][] = [
      ['ttl', () => cache.set('k', 'w', { ttl: -1 })],
      ['stale', () => cache.set('k', 'w', { stale: Number.NaN })],
      ['tags', () => cache.set('k', 'w', { tags: [''] })],
      ['tags', () => cache.set('k', 'w', { tags: 'sales' as never })],
      ['cost', () => cache.set('k', 'w', { cost: -1 })],
      ['ttl', () => cache.getOrSet('l', load, { ttl: '1 week' as never })],
      ['tags', () => cache.getOrSet('l', load, { tags: [5 as never] })],
      ['cache', () => cache.getOrSet('l', load, { cache: 'reload' as never })],
      ['cache', () => cache.getOrSet('k', load, { cache: 'reload' as never })],
      ['after', () => cache.getOrSet('l', load, { after: 'yesterday' })],
      ['loader', () => cache.getOrSet('l', 'loaded' as never)],
      ['loader', () => cache.getOrSetMany(['l'], {} as never)],
      ['cache', () => cache.getOrSetMany(['l'], () => ['x'], { cache: 'reload' as never })],
      ['cost', () => cache.set('k', 'w', { cost: Number.POSITIVE_INFINITY })],
      ['signal', () => cache.getOrSet('l', load, { signal: {} as never })],
      ['signal', () => cache.getOrSetMany(['l'], () => ['x'], { signal: 'soon' as never })],
      ['keys', () => cache.getMany('kl')],
      ['keys', () => cache.deleteMany('kl')],
      ['keys', () => cache.getOrSetMany('kl', () => ['x', 'y'])],
      ['keys', () => cache.deleteMany(undefined as never)],
      ['tags', () => cache.invalidateTags(['fine', ''])],
      ['tags', () => cache.invalidateTags('sales' as never)],
      ['pattern', () => cache.invalidate('')],
      ['pattern', () => cache.invalidate(/k/ as never)],
    ];
    for (const [option, call] of bad) {
      await expect(call(), option).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
    }
    expect(cache.peek('k')).toBe('v');
    expect(cache.stats()).toMatchObject({ entries: 1, inFlight: 0, loads: 0, loadErrors: 0, invalidations: 0 });
  });

  it('is refused at once where the call is synchronous', () => {
    const { cache } = testCache();
    for (const fraction of [-0.1, 1.1, Number.NaN]) expect(() => cache.trim(fraction)).toThrow('fraction');
    expect(() => cache.hotKeys(-1)).toThrow(/^n must be/);
    expect(() => cache.on('hit', 'log' as never)).toThrow(/^listener must be a function, got "log"/);
    expect(() => {
      cache.mode = 'of' as never;
    }).toThrow(/^mode must be/);
    expect(cache.mode).toBe('on');
  });

  it('of the loader context is an error inside the loader', async () => {
    const { cache } = testCache();
    await expect(
      cache.getOrSet('k', ({ tag }) => {
        tag('');
        return 'v';
      }),
    ).rejects.toMatchObject({ option: 'tags' });
    await expect(
      cache.getOrSet('k', ({ ttl }) => {
        ttl(-1);
        return 'v';
      }),
    ).rejects.toMatchObject({ option: 'ttl' });
    expect(cache.peek('k')).toBeUndefined();
  });
});

describe('a key that cannot be encoded', () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;

  it.each([
    ['a function', () => {}, /function/],
    ['a symbol', Symbol('s'), /symbol/],
    ['a cycle', cyclic, /\.self.*contains itself/],
    ['a promise', { list: [Promise.resolve()] }, /\.list\[0\].*Promise/],
    ['a class instance', { at: new (class Money {})() }, /\.at.*Money/],
  ])('is refused by every call, saying where and why: %s', async (_what, key, message) => {
    const { cache } = testCache();
    const given = key as object;
    expect(() => cache.peek(given)).toThrow(message);
    for (const call of [
      () => cache.get(given),
      () => cache.set(given, 'v'),
      () => cache.delete(given),
      () => cache.getOrSet(given, () => 'v'),
      () => cache.getOrSetMany([given], () => ['v']),
    ]) {
      const error: unknown = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(HotpathError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'KEY_NOT_ENCODABLE', message: expect.stringMatching(message) });
    }
  });
});

it('a list of tags counts as it was at the call', async () => {
  const { cache } = testCache();
  const tags = ['sales'];
  await cache.set('k', 'v', { tags });
  tags[0] = 'other';
  await cache.invalidateTags(['sales']);
  expect(cache.peek('k')).toBeUndefined();
});

describe('a name that is no option of a call', () => {
  it.each([
    ['getOrSet', (cache: CacheManager) => cache.getOrSet('k', () => 'v', { tag: ['t'] } as never), 'tag'],
    ['getOrSetMany', (cache: CacheManager) => cache.getOrSetMany(['k'], () => ['v'], { ttlMs: 5 } as never), 'ttlMs'],
    ['set', (cache: CacheManager) => cache.set('k', 'v', { cache: 'refresh' } as never), 'cache'],
    ['setMany', (cache: CacheManager) => cache.setMany([['k', 'v']], { expires: 5 } as never), 'expires'],
  ])('is named by %s', async (_call, run, option) => {
    await expect(run(new CacheManager())).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
  });

  it('and a version that is none', () => {
    expect(() => new CacheManager({ version: {} as never })).toThrow(/^version must be a number/);
  });
});

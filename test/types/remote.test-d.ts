import KeyvRedis, { createClient, createCluster, createSentinel } from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import Keyv, { type KeyvStoreAdapter } from 'keyv';
import Keyv6 from 'keyv-6';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type BreakerTuning,
  CACHE_DEFAULTS,
  CacheManager,
  type CacheOptions,
  type CacheStats,
  type Codec,
  type CoordinatorOptions,
  createKeyvStore,
  type KeyvLike,
  type KeyvStorageAdapterLike,
  type RedisLike,
  type RemoteOptions,
  type RemoteStats,
  type RemoteStore,
  type StandardSchema,
} from '../../src/cache/index.js';

describe('remote', () => {
  const namespace = 'app';

  it('takes an address, and the clients that hosts have', () => {
    void new CacheManager({ namespace, remote: 'redis://localhost' });
    const client = createClient({ url: 'redis://localhost' });
    void new CacheManager({ namespace, remote: client });
    void new CacheManager({ namespace, remote: createClient({ RESP: 3 }) });
    void new CacheManager({ namespace, remote: createCluster({ rootNodes: [] }) });
    void new CacheManager({ namespace, remote: createSentinel({ name: 'main', sentinelRootNodes: [] }) });
    void new CacheManager({ namespace, remote: new Redis({ lazyConnect: true }) });
    void new CacheManager({ namespace, remote: new Cluster([], { lazyConnect: true }) });
    expectTypeOf(client).toExtend<RedisLike>();
    expectTypeOf<Redis>().toExtend<RedisLike>();
    expectTypeOf<Cluster>().toExtend<RedisLike>();
  });

  it('takes a Keyv of either version, its adapters, and a Map', () => {
    void new CacheManager({ namespace, remote: new Keyv() });
    void new CacheManager({ namespace, remote: new Keyv<string>(new KeyvRedis('redis://localhost')) });
    void new CacheManager({ namespace, remote: new Keyv6() });
    void new CacheManager({ namespace, remote: new KeyvRedis('redis://localhost') });
    void new CacheManager({ namespace, remote: new Map() });
    void new CacheManager({ namespace, remote: new Map<string, string>() });
    void new CacheManager({ namespace, remote: createKeyvStore(new CacheManager()) });
    void new CacheManager({ namespace, remote: createKeyvStore(new CacheManager(), { contract: 6 }) });
    expectTypeOf<KeyvStoreAdapter>().toExtend<KeyvStorageAdapterLike>();
    expectTypeOf<Keyv>().toExtend<KeyvLike>();
    expectTypeOf<Keyv6>().toExtend<KeyvLike>();
  });

  it('takes each of them in full form, with a coordinator beside it', () => {
    void new CacheManager({
      namespace,
      remote: {
        store: new Keyv(),
        readDeadline: '100ms',
        writeDeadline: 500,
        compressAbove: Number.POSITIVE_INFINITY,
        breaker: { consecutive: 3, failureRate: 0.2, cooldown: '1s', maxCooldown: '1m' },
      },
      coordinator: { redis: createClient(), lease: '5s', degradedTtl: '10s', heartbeat: '500ms' },
      memory: false,
    });
    void new CacheManager({ namespace, remote: new Map(), coordinator: 'redis://localhost' });
    void new CacheManager({ namespace, remote: new Map(), coordinator: new Redis({ lazyConnect: true }) });
    // @ts-expect-error no such option
    void new CacheManager({ namespace, remote: { store: new Map(), timeout: 5 } });
    // @ts-expect-error no store
    void new CacheManager({ namespace, remote: { readDeadline: 5 } });
    // @ts-expect-error a number
    void new CacheManager({ namespace, remote: 6379 });
    // @ts-expect-error a Map coordinates nothing
    void new CacheManager({ namespace, remote: new Map(), coordinator: { redis: new Map() } });
    // @ts-expect-error no such unit
    void new CacheManager({ namespace, remote: new Map(), coordinator: { lease: '1 second' } });
  });

  it('says how it is by stats', () => {
    const cache = new CacheManager();
    expectTypeOf(cache.stats()).toEqualTypeOf<CacheStats>();
    expectTypeOf(cache.stats().remote).toEqualTypeOf<RemoteStats | undefined>();
    expectTypeOf<RemoteStats['state']>().toEqualTypeOf<'closed' | 'open' | 'half-open'>();
    expectTypeOf<RemoteStats['bus']>().toEqualTypeOf<'live' | 'lost' | 'none'>();
    expectTypeOf(cache.hasRemote).toEqualTypeOf<boolean>();
    expectTypeOf(CACHE_DEFAULTS.remote.breaker.cooldown).toEqualTypeOf<number>();
    expectTypeOf(cache.ready()).toEqualTypeOf<Promise<void>>();
  });

  it('has names for what hosts pass on', () => {
    expectTypeOf<NonNullable<CacheOptions['remote']>>().toEqualTypeOf<RemoteStore | RemoteOptions>();
    expectTypeOf<CoordinatorOptions>().toExtend<NonNullable<CacheOptions['coordinator']>>();
    expectTypeOf<NonNullable<RemoteOptions['breaker']>>().toEqualTypeOf<BreakerTuning>();
  });
});

/** As the specification has it (standardschema.dev), in short. */
interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
      options?: { readonly libraryOptions?: Record<string, unknown> | undefined },
    ) => Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
type Result<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: ReadonlyArray<{
        readonly message: string;
        readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
      }>;
    };

describe('schema and codec', () => {
  interface Report {
    readonly total: number;
  }

  it('schema takes what speaks Standard Schema, with its types and vendor', () => {
    const written = {
      '~standard': {
        version: 1,
        vendor: 'mine',
        types: undefined as { readonly input: unknown; readonly output: Report } | undefined,
        validate: (value: unknown) =>
          typeof value === 'object'
            ? { value: value as Report }
            : { issues: [{ message: 'no object', path: ['a', { key: 'b' }] }] },
      },
    } as const;
    void new CacheManager({ namespace: 'n', remote: new Map(), schema: written });
    const published = written as StandardSchemaV1<unknown, Report>;
    void new CacheManager({ namespace: 'n', remote: new Map(), schema: published });
    expectTypeOf<StandardSchemaV1>().toExtend<StandardSchema>();
    const next = { '~standard': { version: 2, validate: written['~standard'].validate } } as const;
    // @ts-expect-error of another version
    void new CacheManager({ namespace: 'n', remote: new Map(), schema: next });
    // @ts-expect-error a function
    void new CacheManager({ namespace: 'n', remote: new Map(), schema: () => true });
  });

  it('codec may be sync or async, and make text or bytes', () => {
    const json: Codec = {
      id: 'json',
      encode: (value) => JSON.stringify(value),
      decode: (bytes) => JSON.parse(bytes.toString()),
    };
    const slow: Codec = { id: 'slow', encode: async () => new Uint8Array(), decode: async () => 1 };
    void new CacheManager({ namespace: 'n', remote: new Map(), codec: json });
    void new CacheManager({ namespace: 'n', remote: new Map(), codec: slow });
    // @ts-expect-error no id
    void new CacheManager({ namespace: 'n', remote: new Map(), codec: { encode: json.encode, decode: json.decode } });
  });
});

import { toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { checkNames } from '../core/option-names.js';
import { atLeast, integer } from '../core/option-values.js';
import type { RedisLike } from '../core/redis/redis-like.js';
import { isRedisLike, redisObjection } from '../core/redis/redis-shape.js';
import { checkRedisUrl } from '../core/redis/redis-url.js';
import type { CacheOptions } from './options.js';
import type { StandardSchema } from './remote/entry-codec.js';
import {
  isAnyKeyv,
  isKeyvLike,
  isKeyvStorage,
  type KeyvLike,
  type KeyvStorageAdapterLike,
  keyvObjection,
} from './remote/keyv-contract.js';
import type { Codec } from './remote/value-codec.js';
import {
  type BreakerTuning,
  COORDINATOR_DEFAULTS,
  type CoordinatorOptions,
  REMOTE_DEFAULTS,
  type RemoteOptions,
} from './remote-options.js';

/** Where something is kept, recognised. */
export type StoreSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'redis'; readonly client: RedisLike }
  | { readonly kind: 'keyv'; readonly keyv: KeyvLike | KeyvStorageAdapterLike };

/** Where leases, versions and messages are kept. */
export type CoordinatorSource = Exclude<StoreSource, { kind: 'keyv' }>;

/** The options of the shared tier with defaults filled in and durations in milliseconds. */
export interface ResolvedRemote {
  readonly store: StoreSource;
  /** `undefined`: the store's own where it is a Redis, else none. */
  readonly coordinator: CoordinatorSource | undefined;
  /** Whether there are leases, one sequence and messages. */
  readonly isCoordinated: boolean;
  readonly readDeadlineMs: number;
  readonly writeDeadlineMs: number;
  readonly compressAbove: number;
  readonly breaker: {
    readonly consecutive: number;
    readonly failureRate: number;
    readonly cooldownMs: number;
    readonly maxCooldownMs: number;
  };
  readonly leaseMs: number;
  readonly degradedTtlMs: number;
  readonly heartbeatMs: number;
  readonly schema: StandardSchema | undefined;
  readonly codec: Codec | undefined;
}

/** Its length is one byte of the payload. */
const LONGEST_CODEC_ID = 255;

const EXPECTED =
  'a redis:// URL, a node-redis or ioredis client (5 or later), a Keyv instance, a Keyv storage adapter, or { store: one of these }';

/** @throws InvalidOptionError naming the option, what is expected and what was given */
export function resolveRemote(options: CacheOptions): ResolvedRemote | undefined {
  const { remote, coordinator, schema, codec } = options;
  if (remote === undefined) {
    for (const [name, value] of Object.entries({ coordinator, schema, codec })) {
      if (value !== undefined) throw new InvalidOptionError(name, 'absent without a remote', value);
    }
    return undefined;
  }
  if (options.namespace === undefined) {
    throw new InvalidOptionError('namespace', 'given with a remote: it names every shared key', undefined);
  }
  const { store, tuning } = storeOf(remote);
  const { shared, option } = coordinatorOf(coordinator);
  const isCoordinated = shared.redis !== undefined || store.kind !== 'keyv';
  const d = REMOTE_DEFAULTS;
  checkTuning('remote.', tuning, ['store', ...Object.keys(d)]);
  return {
    store,
    coordinator: shared.redis === undefined ? undefined : coordinatorBeside(store, redisSource(option, shared.redis)),
    isCoordinated,
    readDeadlineMs: toMs('remote.readDeadline', tuning.readDeadline ?? d.readDeadline, {
      zero: false,
      infinite: false,
    }),
    writeDeadlineMs: toMs('remote.writeDeadline', tuning.writeDeadline ?? d.writeDeadline, {
      zero: false,
      infinite: false,
    }),
    compressAbove: atLeast('remote.compressAbove', tuning.compressAbove ?? d.compressAbove, 0),
    breaker: breakerOf(tuning.breaker === undefined ? {} : tuning.breaker),
    leaseMs: toMs('coordinator.lease', shared.lease ?? COORDINATOR_DEFAULTS.lease, { zero: false, infinite: false }),
    degradedTtlMs: toMs(
      'coordinator.degradedTtl',
      shared.degradedTtl ?? (isCoordinated ? COORDINATOR_DEFAULTS.degradedTtl : Number.POSITIVE_INFINITY),
    ),
    heartbeatMs: toMs('coordinator.heartbeat', shared.heartbeat ?? COORDINATOR_DEFAULTS.heartbeat, {
      zero: false,
      infinite: false,
    }),
    schema: schemaOf(schema),
    codec: codecOf(codec),
  };
}

function storeOf(remote: unknown): { store: StoreSource; tuning: Partial<RemoteOptions> } {
  const direct = sourceOf('remote', remote);
  if (direct) return { store: direct, tuning: {} };
  const tuning = remote as Partial<RemoteOptions>;
  const store = typeof remote === 'object' && remote !== null ? sourceOf('remote.store', tuning.store) : undefined;
  if (store === undefined) throw new InvalidOptionError('remote', EXPECTED, withoutValues(remote));
  return { store, tuning };
}

function sourceOf(option: string, value: unknown): StoreSource | undefined {
  if (typeof value === 'string') {
    checkRedisUrl(value, option);
    return { kind: 'url', url: value };
  }
  if (isRedisLike(value)) return { kind: 'redis', client: value };
  const objection = redisObjection(value);
  if (objection !== undefined) throw new InvalidOptionError(option, `${EXPECTED}; ${objection}`, value);
  const wanted = keyvObjection(value);
  if (wanted !== undefined) throw new InvalidOptionError(option, wanted, value);
  if (isKeyvLike(value) || isKeyvStorage(value)) return { kind: 'keyv', keyv: value as KeyvLike };
  return undefined;
}

/** The store's own Redis named once more is no other one: what is written for the one would be deleted for the other. */
function coordinatorBeside(store: StoreSource, coordinator: CoordinatorSource): CoordinatorSource | undefined {
  const isSame =
    (store.kind === 'url' && coordinator.kind === 'url' && store.url === coordinator.url) ||
    (store.kind === 'redis' && coordinator.kind === 'redis' && store.client === coordinator.client);
  return isSame ? undefined : coordinator;
}

function redisSource(option: string, value: unknown): CoordinatorSource {
  const source = sourceOf(option, value);
  if (source && source.kind !== 'keyv') return source;
  throw new InvalidOptionError(
    option,
    'a redis:// URL, or a node-redis or ioredis client (5 or later)',
    withoutValues(value),
  );
}

/** The options, and the name of the one that holds the client. */
function coordinatorOf(value: CacheOptions['coordinator']): { shared: CoordinatorOptions; option: string } {
  if (value === undefined) return { shared: {}, option: 'coordinator' };
  if (typeof value === 'string' || isRedisLike(value) || redisObjection(value) !== undefined) {
    return { shared: { redis: value as RedisLike }, option: 'coordinator' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isAnyKeyv(value) || isKeyvStorage(value)) {
    throw new InvalidOptionError('coordinator', 'a redis:// URL, a Redis client, or an object of options', value);
  }
  checkTuning('coordinator.', value, ['redis', ...Object.keys(COORDINATOR_DEFAULTS)]);
  return { shared: value, option: 'coordinator.redis' };
}

/** Like {@link checkNames}; what stands beside an address may be its password. */
function checkTuning(path: string, given: object, names: readonly string[]): void {
  checkNames(path, given, names, { show: (value) => (typeof value === 'string' ? 'a text' : withoutValues(value)) });
}

/** Of an object of options its names: one of them may be a password. */
function withoutValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value.constructor !== Object) return value;
  const names = Object.keys(value);
  return names.length === 0 ? value : `an object with ${names.join(', ')}`;
}

function breakerOf(tuning: BreakerTuning): ResolvedRemote['breaker'] {
  const d = REMOTE_DEFAULTS.breaker;
  if (typeof tuning !== 'object' || tuning === null) {
    throw new InvalidOptionError('remote.breaker', 'an object of options', tuning);
  }
  checkNames('remote.breaker.', tuning, Object.keys(d));
  const cooldownMs = toMs('remote.breaker.cooldown', tuning.cooldown ?? d.cooldown, { zero: false, infinite: false });
  const failureRate = atLeast('remote.breaker.failureRate', tuning.failureRate ?? d.failureRate, 0, 1);
  if (failureRate === 0) throw new InvalidOptionError('remote.breaker.failureRate', 'above 0', failureRate);
  return {
    consecutive: integer('remote.breaker.consecutive', tuning.consecutive ?? d.consecutive, 1),
    failureRate,
    cooldownMs,
    maxCooldownMs: Math.max(
      cooldownMs,
      toMs('remote.breaker.maxCooldown', tuning.maxCooldown ?? d.maxCooldown, { infinite: false }),
    ),
  };
}

function schemaOf(schema: unknown): StandardSchema | undefined {
  if (schema === undefined) return undefined;
  const standard = (schema as Partial<StandardSchema> | null)?.['~standard'];
  if (typeof standard?.validate === 'function') return schema as StandardSchema;
  throw new InvalidOptionError('schema', "a Standard Schema (an object with '~standard')", schema);
}

function codecOf(codec: unknown): Codec | undefined {
  if (codec === undefined) return undefined;
  const { id, encode, decode } = (codec ?? {}) as Partial<Codec>;
  if (typeof id === 'string' && Buffer.byteLength(id) > LONGEST_CODEC_ID) {
    throw new InvalidOptionError('codec.id', `a text of 1 to ${LONGEST_CODEC_ID} bytes`, id);
  }
  if (typeof id === 'string' && id !== '' && typeof encode === 'function' && typeof decode === 'function') {
    return codec as Codec;
  }
  throw new InvalidOptionError('codec', 'an object with id, encode and decode', codec);
}

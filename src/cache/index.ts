export type { Clock } from '../core/clock.js';
export type { AsyncWrapper } from '../core/decorate.js';
export type { Duration } from '../core/duration.js';
export { HotpathError, InvalidOptionError } from '../core/errors.js';
export type { Logger } from '../core/logger.js';
export type { Mode } from '../core/mode.js';
export type {
  IoredisClientLike,
  IoredisClusterLike,
  NodeRedisClientLike,
  NodeRedisClusterLike,
  NodeRedisSentinelLike,
  RedisLike,
} from '../core/redis/redis-like.js';
export type { CacheKey, Widened } from './cache-key.js';
export { CacheManager } from './cache-manager.js';
export {
  type CacheManagerFacade,
  createCacheManagerFacade,
  type FacadeEntry,
  type FacadeEvents,
  type FacadeOptions,
  type FacadeStoredValue,
  type FacadeWrapOptions,
} from './cache-manager-facade.js';
export { type CacheResultOptions, cacheResult } from './cache-result.js';
export type { CacheSource } from './cache-source.js';
export type { CacheStats } from './cache-stats.js';
export { costPolicy } from './cost-policy.js';
export { IdentityError, KeyEncodingError, LoaderDeadlineError, ScopeRequiredError } from './errors.js';
export type { CacheEvents, MissReason, SkipReason } from './events.js';
export type { EvictionPolicy, PolicyFactory, PolicyLimits, PolicyNode } from './eviction-policy.js';
export type { HotKey, Inspection } from './inspection.js';
export { type InvalidatesOptions, invalidates } from './invalidates.js';
export type { InvalidateOptions, InvalidationResult } from './invalidation.js';
export { createKeyvStore, type KeyvStore, type KeyvStore6, type KeyvStoreOptions } from './keyv-store.js';
export { lruPolicy } from './lru-policy.js';
export type { CachedEntry } from './memory-reads.js';
export {
  type BatchLoader,
  CACHE_DEFAULTS,
  type CacheOptions,
  type GetOrSetOptions,
  type Loader,
  type LoaderContext,
  type LoaderOptions,
  type MemoryOptions,
  type Scope,
  type SetOptions,
} from './options.js';
export type { StandardSchema } from './remote/entry-codec.js';
export type { KeyvLike, KeyvStorageAdapterLike } from './remote/keyv-contract.js';
export type { Codec } from './remote/value-codec.js';
export type { BreakerTuning, CoordinatorOptions, RemoteOptions, RemoteStore } from './remote-options.js';
export type { RemoteStats } from './shared-source.js';
export type { ValueHandling } from './value-handling.js';
export type { WarmEntry, WarmOptions, WarmProgress, WarmResult, WarmSource } from './warm.js';

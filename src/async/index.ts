export type { BreakerState } from '../core/breaker.js';
export type { CancelTimer, Clock } from '../core/clock.js';
export type { AsyncWrapper } from '../core/decorate.js';
export type { Duration } from '../core/duration.js';
export type { Unsubscribe } from '../core/emitter.js';
export { HotpathError, type HotpathErrorOptions, InvalidOptionError } from '../core/errors.js';
export type { Closeable } from '../core/lifecycle.js';
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
export { AsyncProcessor, type Results } from './async-processor.js';
export { type BatchedWrapper, type BatchingProcessor, batched } from './batched.js';
export type { BatchAnswer } from './batching/batch-results.js';
export { BatchResultError } from './batching/batch-results.js';
export type { BatchedLoad } from './batching/batched-load.js';
export type { LoadMany } from './batching/batcher.js';
export { BATCHER_DEFAULTS, type BatcherOptions } from './batching/batcher-options.js';
export type { CallContext, ItemContext } from './call-context.js';
export {
  CheckpointCorruptError,
  CheckpointInUseError,
  CheckpointMismatchError,
} from './checkpoint/checkpoint-errors.js';
export type { CheckpointOptions } from './checkpoint/checkpoint-options.js';
export type { CheckpointState, CheckpointStore } from './checkpoint/checkpoint-store.js';
export { type FileCheckpointOptions, fileCheckpointStore } from './checkpoint/file-checkpoint-store.js';
export type { TimeFigures } from './connections/connection-meter.js';
export type { ModelFetchStats } from './connections/model-connections.js';
export { createModelFetch, type ModelFetch } from './connections/model-fetch.js';
export {
  MODEL_FETCH_DEFAULTS,
  type ModelFetchOptions,
  type ResponseObserver,
  type TlsOptions,
} from './connections/model-fetch-options.js';
export {
  OBSERVE_POOL_DEFAULTS,
  type ObservedPool,
  type ObservePoolOptions,
  observePool,
  type PoolStats,
} from './connections/observe-pool.js';
export type { PoolAdvice } from './connections/pool-advice.js';
export { ASYNC_DEFAULTS } from './defaults.js';
export type { DrainReport } from './drain.js';
export {
  BreakerOpenError,
  ProcessorClosedError,
  QueueFullError,
  RateLimitTooSmallError,
  TimeoutError,
} from './errors.js';
export type { Estimate, EstimateOptions } from './estimate.js';
export type { AsyncEvents } from './events.js';
export type { ItemFunction } from './item-calls.js';
export { type LimitedOptions, type LimitingProcessor, limited } from './limited.js';
export type { FulfilledOutcome, Outcome, OutcomeFacts, RejectedOutcome } from './outcome.js';
export type {
  AdaptiveConcurrency,
  AsyncProcessorOptions,
  ProcessorBreakerOptions,
  QueueOptions,
  QueuePolicy,
  RateLimitOptions,
  RetryOptions,
} from './processor-options.js';
export type { ProcessorSource } from './processor-source.js';
export type { ProcessorStats } from './processor-stats.js';
export type { BatchFunction } from './processor-work.js';
export type { Progress } from './progress.js';
export type { HeaderSource } from './rate/header-source.js';
export type { RateLimitStore, StoreAnswer, StoreUsage, WindowLimits } from './rate/rate-limit-store.js';
export { type RedisRateLimitStoreOptions, redisRateLimitStore } from './rate/redis-rate-limit-store.js';
export { type Failure, type FailureKind, failureOf } from './retry/failure.js';
export { isPermanent, permanent } from './retry/permanent.js';
export type { Source } from './source.js';
export type {
  BatchLimits,
  ItemOptions,
  JobSummary,
  OnError,
  PlaceOptions,
  ProcessBatchesOptions,
  ProcessOptions,
  RunOptions,
  SinkOptions,
  StreamBatchesOptions,
  StreamOptions,
} from './work-options.js';
export { WorkerCloneError } from './workers/worker-clone-error.js';
export { WorkerExitError } from './workers/worker-exit-error.js';
export type { WorkerOptions } from './workers/worker-options.js';

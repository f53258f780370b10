import { type Clock, systemClock } from '../core/clock.js';
import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { checkMode, type Mode } from '../core/mode.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { flag, integer, oneOf, optionalFunction, text } from '../core/option-values.js';
import type { AdaptiveLimitOptions } from './adaptive-limit.js';
import type { CallBreakerOptions } from './call-breaker.js';
import { ASYNC_DEFAULTS as DEFAULTS } from './defaults.js';
import type {
  AsyncProcessorOptions,
  ProcessorBreakerOptions,
  QueueOptions,
  QueuePolicy,
  RateLimitOptions,
  RetryOptions,
} from './processor-options.js';
import type { ResolvedRateLimit } from './rate/open-rate-limiter.js';
import type { RetryRules } from './retry/retry-decision.js';

/** {@link AsyncProcessorOptions}, checked and complete, in milliseconds. */
export interface ProcessorSettings {
  readonly concurrency: number;
  readonly adaptive: AdaptiveLimitOptions | undefined;
  /** Present also where nothing is tried again: a cool-down needs its bounds. */
  readonly rules: RetryRules;
  readonly budget: number;
  readonly retries: boolean;
  /** Infinity for no timeout. */
  readonly timeoutMs: number;
  readonly rateLimit: ResolvedRateLimit | undefined;
  readonly breaker: CallBreakerOptions | undefined;
  readonly queue: { readonly max: number; readonly policy: QueuePolicy; readonly ageingMs: number };
  readonly graceMs: number;
  readonly closeTimeoutMs: number;
  readonly mode: Mode;
  readonly name: string;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

const OPTION_NAMES = [
  'concurrency',
  'retry',
  'timeout',
  'rateLimit',
  'breaker',
  'queue',
  'grace',
  'closeTimeout',
  'mode',
  'name',
  'logger',
  'clock',
  'random',
] as const satisfies readonly (keyof AsyncProcessorOptions)[];

/** @throws InvalidOptionError for an option that cannot be meant */
export function resolveOptions(options: AsyncProcessorOptions): ProcessorSettings {
  checkOptions('options', options);
  checkNames('', options, OPTION_NAMES);
  const random = optionalFunction('random', options.random) ?? Math.random;
  const name = text('name', options.name ?? DEFAULTS.name);
  return {
    ...resolveConcurrency(options.concurrency ?? DEFAULTS.concurrency),
    ...resolveRetry(options.retry, random),
    timeoutMs: options.timeout === undefined ? Number.POSITIVE_INFINITY : span('timeout', options.timeout),
    rateLimit: options.rateLimit === undefined ? undefined : resolveRateLimit(options.rateLimit, name),
    breaker: resolveBreaker(options.breaker),
    queue: resolveQueue(options.queue === undefined ? {} : options.queue),
    graceMs: toMs('grace', options.grace ?? DEFAULTS.grace, { infinite: false }),
    closeTimeoutMs: toMs('closeTimeout', options.closeTimeout ?? DEFAULTS.closeTimeout),
    mode: checkMode(options.mode ?? 'on'),
    name,
    logger: checkLogger(options.logger),
    clock: checkClock(options.clock),
    random,
  };
}

function resolveConcurrency(
  given: NonNullable<AsyncProcessorOptions['concurrency']>,
): Pick<ProcessorSettings, 'concurrency' | 'adaptive'> {
  if (typeof given !== 'object' || given === null)
    return { concurrency: integer('concurrency', given, 1), adaptive: undefined };
  checkNames('concurrency.', given, ['adaptive', 'min', 'max', 'initial', 'backoff']);
  if (given.adaptive !== true) throw new InvalidOptionError('concurrency.adaptive', 'true', given.adaptive);
  const min = integer('concurrency.min', given.min ?? DEFAULTS.minConcurrency, 1);
  const max = integer('concurrency.max', given.max, min);
  const usual = Math.min(max, Math.max(min, DEFAULTS.initialConcurrency));
  const initial = integer('concurrency.initial', given.initial ?? usual, min, max);
  const backoff = given.backoff ?? DEFAULTS.adaptiveBackoff;
  if (typeof backoff !== 'number' || !(backoff > 0 && backoff < 1))
    throw new InvalidOptionError('concurrency.backoff', 'above 0 and below 1', backoff);
  return { concurrency: initial, adaptive: { min, max, initial, backoff } };
}

function resolveRetry(
  given: number | RetryOptions | undefined,
  random: () => number,
): Pick<ProcessorSettings, 'rules' | 'budget' | 'retries'> {
  const options: RetryOptions =
    typeof given === 'number' ? { attempts: integer('retry', given, 1) } : given === undefined ? {} : given;
  checkOptions('retry', options);
  const names = ['attempts', 'backoff', 'maxBackoff', 'maxRetryAfter', 'maxElapsed', 'budget', 'when'] as const;
  checkNames('retry.', options, names satisfies readonly (keyof RetryOptions)[]);
  const budget = options.budget ?? DEFAULTS.retryBudget;
  if (typeof budget !== 'number' || !(budget >= 0))
    throw new InvalidOptionError('retry.budget', 'not negative', budget);
  const attempts = integer('retry.attempts', options.attempts ?? DEFAULTS.retryAttempts, 1);
  const when = optionalFunction('retry.when', options.when);
  return {
    retries: given !== undefined && attempts > 1,
    budget,
    rules: {
      attempts,
      backoffMs: toMs('retry.backoff', options.backoff ?? DEFAULTS.retryBackoff, { infinite: false }),
      maxBackoffMs: toMs('retry.maxBackoff', options.maxBackoff ?? DEFAULTS.retryMaxBackoff, { infinite: false }),
      maxRetryAfterMs: toMs('retry.maxRetryAfter', options.maxRetryAfter ?? DEFAULTS.retryMaxRetryAfter),
      maxElapsedMs: toMs('retry.maxElapsed', options.maxElapsed ?? DEFAULTS.retryMaxElapsed),
      when,
      random,
    },
  };
}

function resolveRateLimit(given: RateLimitOptions, name: string): ResolvedRateLimit {
  checkOptions('rateLimit', given);
  const names = ['requestsPerMinute', 'tokensPerMinute', 'window', 'spread', 'store', 'key'] as const;
  checkNames('rateLimit.', given, names satisfies readonly (keyof RateLimitOptions)[]);
  const { store } = given;
  if (store !== undefined && typeof (store as Partial<typeof store> | null)?.reserve !== 'function')
    throw new InvalidOptionError('rateLimit.store', 'a store, such as redisRateLimitStore(redis)', store);
  const limit = (option: string, value: number | undefined): number =>
    value === undefined || value === Number.POSITIVE_INFINITY
      ? Number.POSITIVE_INFINITY
      : integer(`rateLimit.${option}`, value, 1);
  return {
    requests: limit('requestsPerMinute', given.requestsPerMinute),
    tokens: limit('tokensPerMinute', given.tokensPerMinute),
    windowMs: toMs('rateLimit.window', given.window ?? DEFAULTS.rateWindow, { zero: false, infinite: false }),
    spread: flag('rateLimit.spread', given.spread ?? false),
    store,
    key: text('rateLimit.key', given.key ?? name),
  };
}

function resolveBreaker(given: boolean | ProcessorBreakerOptions | undefined): CallBreakerOptions | undefined {
  if (given === undefined || given === false) return undefined;
  const options: ProcessorBreakerOptions = given === true ? {} : given;
  checkOptions('breaker', options);
  const names = ['window', 'minCalls', 'failureRate', 'consecutive', 'cooldown', 'maxCooldown'] as const;
  checkNames('breaker.', options, names satisfies readonly (keyof ProcessorBreakerOptions)[]);
  const failureRate = options.failureRate ?? DEFAULTS.breakerFailureRate;
  if (typeof failureRate !== 'number' || !(failureRate > 0 && failureRate <= 1))
    throw new InvalidOptionError('breaker.failureRate', 'above 0 and at most 1', failureRate);
  const cooldownMs = span('breaker.cooldown', options.cooldown ?? DEFAULTS.breakerCooldown);
  const maxCooldownMs = Math.max(
    cooldownMs,
    span('breaker.maxCooldown', options.maxCooldown ?? DEFAULTS.breakerMaxCooldown),
  );
  return {
    windowMs: span('breaker.window', options.window ?? DEFAULTS.breakerWindow),
    minCalls: integer('breaker.minCalls', options.minCalls ?? DEFAULTS.breakerMinCalls, 1),
    failureRate,
    consecutive: integer('breaker.consecutive', options.consecutive ?? DEFAULTS.breakerConsecutive, 1),
    cooldownMs,
    maxCooldownMs,
  };
}

function resolveQueue(given: QueueOptions): ProcessorSettings['queue'] {
  checkOptions('queue', given);
  checkNames('queue.', given, ['max', 'policy', 'ageing'] satisfies readonly (keyof QueueOptions)[]);
  const { max = DEFAULTS.queueMax, policy = DEFAULTS.queuePolicy, ageing = DEFAULTS.queueAgeing } = given;
  return {
    max: max === Number.POSITIVE_INFINITY ? max : integer('queue.max', max, 0),
    policy: oneOf('queue.policy', policy, ['reject', 'drop-oldest', 'drop-lowest']),
    ageingMs: toMs('queue.ageing', ageing, { zero: false }),
  };
}

function checkLogger(given: Logger | undefined): Logger | undefined {
  if (given === undefined || typeof (given as Partial<Logger> | null)?.warn === 'function') return given;
  throw new InvalidOptionError('logger', 'an object with debug, info, warn and error', given);
}

function checkClock(given: Clock | undefined): Clock {
  if (given === undefined) return systemClock();
  const { now, coarse, setTimer } = (given ?? {}) as Partial<Clock>;
  if ([now, coarse, setTimer].every((method) => typeof method === 'function')) return given;
  throw new InvalidOptionError('clock', 'an object with now, coarse and setTimer', given);
}

function span(option: string, value: Duration): number {
  return toMs(option, value, { zero: false });
}

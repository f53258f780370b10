import { type Clock, systemClock } from '../core/clock.js';
import { toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { atLeast, integer, oneOf, optionalFunction, text } from '../core/option-values.js';
import type { ResolvedWrite } from './call-options.js';
import { costPolicy } from './cost-policy.js';
import type { PolicyFactory } from './eviction-policy.js';
import { lruPolicy } from './lru-policy.js';
import { noPolicy } from './no-policy.js';
import { CACHE_DEFAULTS, type CacheOptions, type MemoryOptions, type Scope } from './options.js';
import { type ResolvedRemote, resolveRemote } from './resolve-remote.js';
import type { ValueHandling } from './value-handling.js';

/** A JavaScript Map holds no more. */
const MOST_ENTRIES = 2 ** 24 - 1;

/** Options with every default in place and every duration in milliseconds. */
export interface ResolvedOptions {
  readonly namespace: string;
  readonly version: string | number;
  readonly scope: (() => Scope | undefined) | undefined;
  readonly scopeRequired: boolean;
  readonly ttlMs: number;
  readonly staleMs: number;
  /** A write without options of its own. */
  readonly write: ResolvedWrite;
  /** Whether there is a memory tier. */
  readonly memory: boolean;
  readonly remote: ResolvedRemote | undefined;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly policy: PolicyFactory;
  readonly values: ValueHandling;
  readonly mutationSample: number;
  readonly softDeadlineMs: number;
  readonly hardDeadlineMs: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly earlyRefresh: number;
  readonly jitter: number;
  readonly negativeTtlMs: number;
  readonly errorTtlMs: number;
  readonly maxRefreshes: number;
  readonly waitUntil: ((work: Promise<void>) => void) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws InvalidOptionError naming the option, what is expected and what was given */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  checkOptions('options', options);
  const { loader = {} } = options;
  const remote = resolveRemote(options);
  const memory = memoryOf(options, remote !== undefined);
  const d = CACHE_DEFAULTS;
  checkNames('', options, OPTION_NAMES);
  checkOptions('loader', loader);
  checkNames('memory.', memory, Object.keys(d.memory));
  checkNames('loader.', loader, Object.keys(d.loader));
  if (options.logger !== undefined && typeof options.logger?.warn !== 'function') {
    throw new InvalidOptionError('logger', 'an object with debug, info, warn and error', options.logger);
  }
  const scopeRequired = options.scopeRequired ?? false;
  if (scopeRequired && !options.scope) {
    throw new InvalidOptionError('scope', 'a function when scopeRequired is set', options.scope);
  }
  const ttlMs = toMs('ttl', options.ttl ?? d.ttl);
  const staleMs = toMs('stale', options.stale ?? d.stale);
  return {
    namespace: text('namespace', options.namespace ?? d.namespace),
    version: version(options.version ?? d.version),
    scope: optionalFunction('scope', options.scope),
    scopeRequired,
    ttlMs,
    staleMs,
    write: { ttlMs, staleMs, tags: undefined, cost: undefined },
    memory: options.memory !== false,
    remote,
    maxEntries: integer('memory.maxEntries', memory.maxEntries ?? d.memory.maxEntries, 1, MOST_ENTRIES),
    maxBytes: atLeast('memory.maxBytes', memory.maxBytes ?? d.memory.maxBytes, 1),
    policy: policy(memory.policy ?? d.memory.policy),
    values: oneOf('values', options.values ?? d.values, ['shared', 'frozen', 'copied']),
    mutationSample: integer('mutationSample', options.mutationSample ?? d.mutationSample, 0),
    softDeadlineMs: toMs('loader.softDeadline', loader.softDeadline ?? d.loader.softDeadline),
    hardDeadlineMs: toMs('loader.hardDeadline', loader.hardDeadline ?? d.loader.hardDeadline, { zero: false }),
    backoffMs: toMs('loader.backoff', loader.backoff ?? d.loader.backoff),
    maxBackoffMs: toMs('loader.maxBackoff', loader.maxBackoff ?? d.loader.maxBackoff),
    earlyRefresh: atLeast('earlyRefresh', options.earlyRefresh ?? d.earlyRefresh, 0),
    jitter: atLeast('jitter', options.jitter ?? d.jitter, 0, 1),
    negativeTtlMs: toMs('negativeTtl', options.negativeTtl ?? d.negativeTtl),
    errorTtlMs: toMs('errorTtl', options.errorTtl ?? d.errorTtl),
    maxRefreshes: integer('maxRefreshes', options.maxRefreshes ?? d.maxRefreshes, 0),
    waitUntil: optionalFunction('waitUntil', options.waitUntil),
    clock: clock(options.clock),
    random: optionalFunction('random', options.random) ?? Math.random,
  };
}

const OPTION_NAMES: readonly string[] = [
  ...Object.keys(CACHE_DEFAULTS),
  ...['schema', 'codec', 'scope', 'scopeRequired', 'waitUntil', 'clock', 'random', 'logger'],
];

function memoryOf({ memory = {} }: CacheOptions, hasRemote: boolean): MemoryOptions {
  if (memory === false && hasRemote) return { policy: noPolicy };
  if (typeof memory === 'object' && memory !== null) return memory;
  throw new InvalidOptionError('memory', 'an object, or false with a remote', memory);
}

function clock(given: Clock | undefined): Clock {
  if (given === undefined) return systemClock();
  const { now, coarse, setTimer } = (given ?? {}) as Partial<Clock>;
  if ([now, coarse, setTimer].every((method) => typeof method === 'function')) return given;
  throw new InvalidOptionError('clock', 'an object with now, coarse and setTimer', given);
}

function policy(value: unknown): PolicyFactory {
  if (value === 'lru') return lruPolicy;
  if (value === 'cost') return costPolicy;
  if (typeof value === 'function') return value as PolicyFactory;
  throw new InvalidOptionError('memory.policy', "'lru', 'cost' or a function that makes a policy", value);
}

function version(value: unknown): string | number {
  if ((typeof value === 'string' && value !== '') || Number.isFinite(value)) return value as string | number;
  throw new InvalidOptionError('version', 'a number, or a string that is not empty', value);
}

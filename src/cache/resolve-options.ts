import { type Clock, systemClock } from '../core/clock.js';
import { toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { costPolicy } from './cost-policy.js';
import type { PolicyFactory } from './eviction-policy.js';
import { lruPolicy } from './lru-policy.js';
import { CACHE_DEFAULTS, type CacheOptions, type GetOrSetOptions, type Scope, type SetOptions } from './options.js';
import type { ValueHandling } from './value-handling.js';

/** A JavaScript Map holds no more. */
const MOST_ENTRIES = 2 ** 24 - 1;

/** Sums of costs stay finite: an infinite one would end all weighing. */
const MOST_COST = 1e12;

/** Options with every default in place and every duration in milliseconds. */
export interface ResolvedOptions {
  readonly namespace: string;
  readonly version: string | number;
  readonly scope: (() => Scope | undefined) | undefined;
  readonly scopeRequired: boolean;
  readonly ttlMs: number;
  readonly staleMs: number;
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
  readonly waitUntil: ((refresh: Promise<void>) => void) | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws InvalidOptionError naming the option, what is expected and what was given */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) throw new InvalidOptionError('options', 'an object', options);
  const { memory = {}, loader = {} } = options;
  const d = CACHE_DEFAULTS;
  checkNames('', options, OPTION_NAMES);
  if (typeof memory !== 'object' || memory === null) {
    throw new InvalidOptionError('memory', 'an object (a cache without a memory tier needs a remote)', memory);
  }
  if (typeof loader !== 'object' || loader === null) throw new InvalidOptionError('loader', 'an object', loader);
  checkNames('memory.', memory, Object.keys(d.memory));
  checkNames('loader.', loader, Object.keys(d.loader));
  if (options.logger !== undefined && typeof options.logger?.warn !== 'function') {
    throw new InvalidOptionError('logger', 'an object with debug, info, warn and error', options.logger);
  }
  const scopeRequired = options.scopeRequired ?? false;
  if (scopeRequired && !options.scope) {
    throw new InvalidOptionError('scope', 'a function when scopeRequired is set', options.scope);
  }
  return {
    namespace: text('namespace', options.namespace ?? d.namespace),
    version: options.version ?? d.version,
    scope: optionalFunction('scope', options.scope),
    scopeRequired,
    ttlMs: toMs('ttl', options.ttl ?? d.ttl),
    staleMs: toMs('stale', options.stale ?? d.stale),
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
  ...['scope', 'scopeRequired', 'waitUntil', 'clock', 'random', 'logger'],
];

/** A misspelt option, or one of another version, must not pass for an option at its default. */
function checkNames(path: string, given: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || names.includes(name)) continue;
    throw new InvalidOptionError(`${path}${name}`, `absent (options here are ${names.join(', ')})`, value);
  }
}

function clock(given: Clock | undefined): Clock {
  if (given === undefined) return systemClock();
  const { now, coarse, setTimer } = (given ?? {}) as Partial<Clock>;
  if ([now, coarse, setTimer].every((method) => typeof method === 'function')) return given;
  throw new InvalidOptionError('clock', 'an object with now, coarse and setTimer', given);
}

/** The options of one write, checked. */
export interface ResolvedWrite {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly tags: readonly string[] | undefined;
  readonly cost: number | undefined;
}

export function resolveWrite(options: SetOptions | undefined, defaults: ResolvedOptions): ResolvedWrite {
  if (!options) {
    return { ttlMs: defaults.ttlMs, staleMs: defaults.staleMs, tags: undefined, cost: undefined };
  }
  const ttlMs = options.ttl === undefined ? defaults.ttlMs : toMs('ttl', options.ttl);
  // Who asks for a ttl of 0 wants nothing kept: the stale window of the cache is not meant for it, only one of its own.
  const stale = options.stale ?? (options.ttl !== undefined && ttlMs === 0 ? 0 : defaults.staleMs);
  return {
    ttlMs,
    staleMs: toMs('stale', stale),
    // The host's list may change after the call: what was said at the call counts.
    tags: options.tags === undefined ? undefined : [...checkTags(options.tags)],
    cost: options.cost === undefined ? undefined : atLeast('cost', options.cost, 0, MOST_COST),
  };
}

const READ_MODES = ['default', 'refresh', 'bypass', 'only'] as const;

/**
 * How a read wants to use the cache.
 *
 * @throws InvalidOptionError for a mode there is not, or a loader that is no function
 */
export function checkRead(loader: unknown, options: GetOrSetOptions | undefined): (typeof READ_MODES)[number] {
  if (typeof loader !== 'function') throw new InvalidOptionError('loader', 'a function', loader);
  const signal: unknown = options?.signal;
  if (signal !== undefined && !isAbortSignal(signal)) throw new InvalidOptionError('signal', 'an AbortSignal', signal);
  return options?.cache === undefined ? 'default' : oneOf('cache', options.cache, READ_MODES);
}

/** By shape: some hosts bring a signal of their own. */
function isAbortSignal(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as AbortSignal).throwIfAborted === 'function';
}

/**
 * Lets no single string pass for a list of keys: its characters would be the keys.
 *
 * @throws InvalidOptionError
 */
export function checkKeys<Keys>(keys: Keys): Keys {
  const isList = typeof keys === 'object' && keys !== null && Symbol.iterator in keys;
  if (!isList) throw new InvalidOptionError('keys', 'a list of keys', keys);
  return keys;
}

/** @throws InvalidOptionError unless it is a list of strings that are not empty */
export function checkTags(tags: readonly string[]): readonly string[] {
  if (!Array.isArray(tags)) throw new InvalidOptionError('tags', 'a list of strings', tags);
  for (const tag of tags) {
    if (typeof tag !== 'string' || tag === '') throw new InvalidOptionError('tags', 'strings that are not empty', tag);
  }
  return tags;
}

function policy(value: unknown): PolicyFactory {
  if (value === 'lru') return lruPolicy;
  if (value === 'cost') return costPolicy;
  if (typeof value === 'function') return value as PolicyFactory;
  throw new InvalidOptionError('memory.policy', "'lru', 'cost' or a function that makes a policy", value);
}

function text(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InvalidOptionError(option, 'a string that is not empty', value);
}

function integer(option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const bound = most < Number.MAX_SAFE_INTEGER ? ` and <= ${most}` : '';
  throw new InvalidOptionError(option, `an integer >= ${least}${bound}`, value);
}

function atLeast(option: string, value: number, least: number, most = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new InvalidOptionError(option, `a number >= ${least}${most < Infinity ? ` and <= ${most}` : ''}`, value);
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new InvalidOptionError(option, `one of ${allowed.map((a) => `'${a}'`).join(', ')}`, value);
}

function optionalFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new InvalidOptionError(option, 'a function', value);
}

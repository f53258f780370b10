import { toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import { checkNames } from '../core/option-names.js';
import { atLeast, oneOf } from '../core/option-values.js';
import { checkTags } from './option-checks.js';
import type { GetOrSetOptions, SetOptions } from './options.js';
import type { ResolvedOptions } from './resolve-options.js';

/** Sums of costs stay finite: an infinite one would end all weighing. */
const MOST_COST = 1e12;

/** The options of one write, checked. */
export interface ResolvedWrite {
  readonly ttlMs: number;
  readonly staleMs: number;
  readonly tags: readonly string[] | undefined;
  readonly cost: number | undefined;
}

/** @throws InvalidOptionError for a bad value, and for a name that is no option of such a call */
export function resolveWrite(
  options: SetOptions | undefined,
  defaults: ResolvedOptions,
  names: readonly string[] = WRITE_NAMES,
): ResolvedWrite {
  if (!options) return defaults.write;
  checkNames('', options, names);
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

const WRITE_NAMES: readonly string[] = ['ttl', 'stale', 'tags', 'cost'];
/** The options of a read with a loader. */
export const READ_NAMES: readonly string[] = [...WRITE_NAMES, 'cache', 'after', 'signal'];

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

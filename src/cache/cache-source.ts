import { InvalidOptionError } from '../core/errors.js';
import type { CacheManager } from './cache-manager.js';

/** A cache, or how to find it from the instance a method is called on (decoration happens before dependency injection). */
export type CacheSource<Self> = CacheManager | ((self: Self) => CacheManager);

const EXPECTED = 'a CacheManager, or a function that finds one in the instance';

/** @throws InvalidOptionError where a wrapper is given neither a cache nor a function */
export function checkSource(label: string, source: unknown): void {
  if (typeof source !== 'function' && !isCache(source))
    throw new InvalidOptionError(`${label}: cache`, EXPECTED, source);
}

/**
 * The cache of a call.
 *
 * @throws InvalidOptionError where the function finds none, and whatever the function throws
 */
export function cacheOf<Self>(label: string, source: CacheSource<Self>, self: Self): CacheManager {
  if (typeof source !== 'function') return source;
  const found: unknown = source(self);
  if (isCache(found)) return found;
  throw new InvalidOptionError(`${label}: the result of (self) => cache`, 'a CacheManager', found);
}

/** By shape: the package may be loaded twice, as ES module and as CommonJS. */
function isCache(value: unknown): value is CacheManager {
  return typeof value === 'object' && value !== null && typeof (value as CacheManager).getOrSet === 'function';
}

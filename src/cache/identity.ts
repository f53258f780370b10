import type { Callable, Site } from '../core/decorate.js';
import type { CacheManager } from './cache-manager.js';
import { IdentityError } from './errors.js';

/** What `cacheResult` knows of a function it wraps. */
export interface WrappedFunction {
  readonly original: Callable;
  readonly site: Site;
  /** The name given, if any. */
  readonly name: string | undefined;
  readonly version: string | number | undefined;
  /** What makes its keys: under another one, equal keys stand for other calls. */
  readonly key: unknown;
}

/** Which function stands behind each name of a cache, for as long as the cache is in use: no name changes hands. */
const claims = new WeakMap<CacheManager, Map<string, Pick<WrappedFunction, 'original' | 'key'>>>();

/**
 * The name, with its version, under which a wrapped function's results are kept in one cache.
 *
 * @throws IdentityError for a name that another function has, or the same function with another `key`; with a shared tier
 * also for a plain function, or a method of a nameless class, that was given no name
 */
export function claimName(cache: CacheManager, fn: WrappedFunction, self: unknown): string {
  const { original, key, version } = fn;
  if (cache.hasRemote && fn.name === undefined) checkShareable(fn, self);
  const name = `${fn.name ?? derivedName(fn, self)}${version === undefined ? '' : `@${version}`}`;
  let names = claims.get(cache);
  if (!names) {
    names = new Map();
    claims.set(cache, names);
  }
  const owner = names.get(name);
  if (owner === undefined) names.set(name, { original, key });
  else if (owner.original !== original) {
    throw new IdentityError(
      `cacheResult: two different functions are named ${JSON.stringify(name)} in one cache, and would share their results; give each a name of its own: { name: '...' }. (Wrap a function once, not once per call.)`,
    );
  } else if (owner.key !== key) {
    throw new IdentityError(
      `cacheResult: ${JSON.stringify(name)} is wrapped twice in one cache with different key functions, and would mix up its results; give each a name of its own: { name: '...' }`,
    );
  }
  return name;
}

/** @throws IdentityError for an anonymous plain function */
export function checkNamed(given: string | undefined, site: Site): void {
  if (given === undefined && site.form === 'function' && site.name === '') {
    throw new IdentityError(
      "cacheResult: an anonymous function has no identity of its own; give it one: { name: '...' }",
    );
  }
}

/** What only this process can tell apart must not name what all of them share. */
function checkShareable({ site }: WrappedFunction, self: unknown): void {
  if (site.form !== 'function' && site.ownerOf(self) !== '') return;
  const what =
    site.form === 'function'
      ? `the name of a plain function, ${JSON.stringify(site.name)}, says too little`
      : `the class of ${JSON.stringify(site.name)} has no name, which is not enough`;
  throw new IdentityError(
    `cacheResult: ${what} where other processes find the results too (the cache has a remote); give it a name that means the same to all of them: { name: '...' }`,
  );
}

/** Numbers for methods of classes without a name, unique in the process. */
const numbers = new WeakMap<Callable, number>();
let lastNumber = 0;

function derivedName({ site, original }: WrappedFunction, self: unknown): string {
  if (site.form === 'function') return site.name;
  const owner = site.ownerOf(self);
  if (owner !== '') return `${owner}.${site.name}`;
  // Nothing tells such a class from another one but the function itself.
  let number = numbers.get(original);
  if (number === undefined) {
    number = ++lastNumber;
    numbers.set(original, number);
  }
  return `(anonymous class ${number}).${site.name}`;
}

import type { Callable, Site } from '../core/decorate.js';
import type { CacheManager } from './cache-manager.js';
import { IdentityError } from './errors.js';

/** Which function stands behind each name of a cache. Held weakly, so that a dropped function frees its name. */
const claims = new WeakMap<object, Map<string, WeakRef<Callable>>>();
/** Numbers for methods of classes without a name, unique in the process. */
let anonymous = 0;

/**
 * The name under which a wrapped function's results are kept in one cache.
 *
 * @throws IdentityError for an anonymous plain function, and for a name that another function has
 */
export function claimName(
  cache: CacheManager<never>,
  given: string | undefined,
  site: Site,
  self: unknown,
  original: Callable,
): string {
  const name = given ?? derivedName(site, self, original);
  let names = claims.get(cache);
  if (!names) {
    names = new Map();
    claims.set(cache, names);
  }
  const owner = names.get(name)?.deref();
  if (owner && owner !== original) {
    throw new IdentityError(
      `cacheResult: two different functions are named ${JSON.stringify(name)} in one cache, and would share their results; give each a name of its own: { name: '...' }. (Wrap a function once, not once per call.)`,
    );
  }
  names.set(name, new WeakRef(original));
  return name;
}

/** @throws IdentityError for an anonymous plain function */
export function checkNamed(given: string | undefined, site: Site): void {
  if (given === '') throw new IdentityError('cacheResult: name must not be empty');
  if (given === undefined && site.form === 'function' && site.name === '') {
    throw new IdentityError(
      "cacheResult: an anonymous function has no identity of its own; give it one: { name: '...' }",
    );
  }
}

const numbers = new WeakMap<Callable, number>();

function derivedName(site: Site, self: unknown, original: Callable): string {
  if (site.form === 'function') return site.name;
  const owner = site.ownerOf(self);
  if (owner !== '') return `${owner}.${site.name}`;
  // A class without a name: nothing tells it from another one but the function itself.
  let number = numbers.get(original);
  if (number === undefined) {
    number = ++anonymous;
    numbers.set(original, number);
  }
  return `(anonymous class ${number}).${site.name}`;
}

import { type AsyncWrapper, type Callable, decorate, type Site } from '../core/decorate.js';
import type { Duration } from '../core/duration.js';
import type { CacheManager } from './cache-manager.js';
import { IdentityError } from './errors.js';
import { checkNamed, claimName } from './identity.js';
import type { GetOrSetOptions, LoaderContext } from './options.js';
import { checkTags } from './resolve-options.js';
import { canonical } from './stable-key.js';

/** A cache, or how to find it from the instance a method is called on (decoration happens before dependency injection). */
// biome-ignore lint/suspicious/noExplicitAny: a cache of any values will do, and CacheManager is invariant in them
export type CacheSource<Self> = CacheManager<any> | ((self: Self) => CacheManager<any>);

/** Options of {@link cacheResult}. */
export interface CacheResultOptions<Args extends readonly unknown[], Result> {
  /** Names the function in the cache. Default: the function's name, or class and method. Needed by anonymous functions. */
  readonly name?: string;
  /** What of the arguments tells two calls apart. Default: all of them. `this` is never part of it. */
  readonly key?: (...args: Args) => unknown;
  readonly ttl?: Duration;
  readonly stale?: Duration;
  /** Names to invalidate by: a list, or made from the result and the arguments. */
  readonly tags?: readonly string[] | ((result: Result, ...args: Args) => readonly string[]);
  /** Bump it when the function changes what it returns. */
  readonly version?: string | number;
  /** Whether a result is worth keeping. */
  readonly when?: (result: Result, ...args: Args) => boolean;
}

/**
 * Caches what a function answers, by its arguments: as a wrapper around a function, a standard decorator or a legacy one.
 * Calls with the same arguments at the same time share one run.
 *
 * The identity of a call is name + version + canonical arguments. Two functions never share an entry: an anonymous function
 * without a name, or a second function under a name, is refused where it is wrapped. Where a decorator finds that out only
 * at a call (`(self) => cache`), that method runs uncached and the cache reports an `error`.
 *
 * ```ts
 * const ask = cacheResult(cache, { key: (q: string) => q.trim(), ttl: '10m' })(askModel);
 * class Reports { @cacheResult((self: Reports) => self.cache) async load(year: number) { ... } }
 * ```
 *
 * @throws IdentityError, InvalidOptionError where it is applied
 */
export function cacheResult<Args extends readonly unknown[] = never[], Result = unknown, Self = unknown>(
  source: CacheSource<Self>,
  options: CacheResultOptions<Args, Result> = {},
): AsyncWrapper<Args, Result, Self> {
  const own = options as unknown as Options;
  const { tags } = own;
  if (tags !== undefined && typeof tags !== 'function') checkTags(tags);
  const settings = settingsOf(own);
  return decorate('cacheResult', (original, site) => {
    checkNamed(options.name, site);
    const identify = identifier(own, site, original);
    // A cache at hand can be asked at once: two functions under one name are refused here, where they are wrapped.
    if (typeof source !== 'function' && site.form !== 'standard') identify(source, undefined);
    return function (this: unknown, ...args: unknown[]) {
      const cache = typeof source === 'function' ? source(this as Self) : source;
      if (cache.mode === 'off') return original.apply(this, args);
      const name = identify(cache, this);
      if (name === undefined) return original.apply(this, args);
      let key: string;
      try {
        key = `${name}:${canonical(keyOf(own, args))}`;
      } catch (error) {
        return Promise.reject(error);
      }
      return cache.getOrSet(key, (context) => load(this, args, original, own, cache, context), settings);
    };
  });
}

type Options = CacheResultOptions<never[], never>;

async function load(
  self: unknown,
  args: unknown[],
  original: Callable,
  { tags, when }: Options,
  cache: CacheManager,
  context: Pick<LoaderContext, 'tag' | 'skip'>,
): Promise<unknown> {
  const result = await original.apply(self, args);
  try {
    const given = [result, ...args] as unknown as [never, ...never[]];
    if (typeof tags === 'function') context.tag(...tags(...given));
    if (when && !when(...given)) context.skip();
  } catch (error) {
    // The function has answered: its caller gets the answer, the cache does not.
    context.skip();
    cache.reportTrouble(error, 'a callback of cacheResult');
  }
  return result;
}

function keyOf({ key }: Options, args: unknown[]): unknown {
  return key ? [key(...(args as never[]))] : args;
}

function settingsOf({ ttl, stale, tags }: Options): GetOrSetOptions {
  return {
    ...(ttl !== undefined && { ttl }),
    ...(stale !== undefined && { stale }),
    ...(tags !== undefined && typeof tags !== 'function' && { tags }),
  };
}

/** Finds the full name of the function in a cache, once per cache; `undefined` where another function has it. */
function identifier(
  { name, version }: Options,
  site: Site,
  original: Callable,
): (cache: CacheManager, self: unknown) => string | undefined {
  const suffix = version === undefined ? '' : `@${version}`;
  const known = new WeakMap<CacheManager, string | undefined>();
  return (cache, self) => {
    if (known.has(cache)) return known.get(cache);
    let found: string | undefined;
    try {
      found = claimName(cache as CacheManager<never>, name, site, self, original) + suffix;
    } catch (error) {
      if (self === undefined && site.form !== 'standard') throw error;
      cache.reportTrouble(error, 'cacheResult: the call runs uncached');
      if (!(error instanceof IdentityError)) throw error;
    }
    known.set(cache, found);
    return found;
  };
}

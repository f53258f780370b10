import { type AsyncWrapper, type Callable, decorate } from '../core/decorate.js';
import { type Duration, toMs } from '../core/duration.js';
import { InvalidOptionError } from '../core/errors.js';
import type { CacheManager } from './cache-manager.js';
import { type CacheSource, cacheOf, checkSource } from './cache-source.js';
import { checkNamed, claimName, type WrappedFunction } from './identity.js';
import { checkTags } from './option-checks.js';
import type { GetOrSetOptions, LoaderContext } from './options.js';
import { canonical } from './stable-key.js';

/** Options of {@link cacheResult}. */
export interface CacheResultOptions<Args extends readonly unknown[], Result> {
  /**
   * Names the function in the cache. Default: the function's name, or class and method. Needed by anonymous functions; in a
   * cache with a remote by every plain function, and by methods of classes without a name.
   */
  readonly name?: string;
  /** What of the arguments tells two calls apart. Default, and where it answers `undefined` or `null`: all of them. `this` is never part of it. */
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
 * without a name, any plain function without one where the cache has a remote, or a second function under a name, is
 * refused where it is wrapped. Where that is found out only at a call (`(self) => cache`, or a standard decorator without a
 * name), the function runs uncached and the cache reports an `error`. `this` is not looked at: instances of one class, and of its subclasses, share what they cache in one cache.
 *
 * A call whose arguments have no canonical text (functions, cycles, class instances without `toJSON`) rejects with a
 * KeyEncodingError: give a `key`.
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
  checkSource(LABEL, source);
  const own = options as unknown as Options;
  const settings = settingsOf(own);
  return decorate(LABEL, (original, site) => {
    checkNamed(own.name, site);
    const nameIn = namer({ original, site, name: own.name, version: own.version, key: own.key });
    // A cache at hand can be asked at once: two functions under one name are refused here, where they are wrapped.
    if (typeof source !== 'function' && (site.form !== 'standard' || own.name !== undefined)) {
      nameIn.atOnce(source);
    }
    return function (this: unknown, ...args: unknown[]) {
      let cache: CacheManager;
      let key: string | undefined;
      try {
        cache = cacheOf(LABEL, source, this as Self);
        const name = cache.mode === 'off' ? undefined : nameIn.atCall(cache, this);
        key = name === undefined ? undefined : `${name}:${keyText(own, args)}`;
      } catch (error) {
        return Promise.reject(error);
      }
      if (key === undefined) return original.apply(this, args);
      return cache.getOrSet(key, (context) => load(this, args, original, own, cache, context), settings);
    };
  });
}

const LABEL = 'cacheResult';

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

/** The text of a call. What `key` made is marked: else it could equal other calls' arguments. */
function keyText({ key }: Options, args: unknown[]): string {
  const made: unknown = key?.(...(args as never[]));
  return made === undefined || made === null ? canonical(args) : `=${canonical(made)}`;
}

/** @throws InvalidOptionError */
function settingsOf(options: Options): GetOrSetOptions {
  const { name, key, ttl, stale, tags, version, when } = options;
  if (name !== undefined && (typeof name !== 'string' || name === '')) {
    throw new InvalidOptionError('name', 'a string that is not empty', name);
  }
  if (version !== undefined && typeof version !== 'string' && typeof version !== 'number') {
    throw new InvalidOptionError('version', 'a string or a number', version);
  }
  for (const [option, value] of Object.entries({ key, when })) {
    if (value !== undefined && typeof value !== 'function') throw new InvalidOptionError(option, 'a function', value);
  }
  return {
    ...(ttl !== undefined && { ttl: toMs('ttl', ttl) }),
    ...(stale !== undefined && { stale: toMs('stale', stale) }),
    ...(tags !== undefined && typeof tags !== 'function' && { tags: checkTags(tags) }),
  };
}

interface Namer {
  /** @throws IdentityError */
  atOnce(cache: CacheManager): void;
  /** `undefined` where another function has the name: reported, the call goes on uncached. */
  atCall(cache: CacheManager, self: unknown): string | undefined;
}

/** Finds the full name of the function in a cache, once per cache. */
function namer(fn: WrappedFunction): Namer {
  const known = new WeakMap<CacheManager, string | undefined>();
  return {
    atOnce: (cache) => {
      known.set(cache, claimName(cache, fn, undefined));
    },
    atCall: (cache, self) => {
      const name = known.get(cache);
      if (name !== undefined || known.has(cache)) return name;
      let claimed: string | undefined;
      try {
        claimed = claimName(cache, fn, self);
      } catch (error) {
        cache.reportTrouble(error, 'cacheResult: the function runs uncached');
        // Not only to listeners: a host that has none would never learn why nothing hits.
        process.emitWarning(error as Error);
      }
      known.set(cache, claimed);
      return claimed;
    },
  };
}

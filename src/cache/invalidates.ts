import { type AsyncWrapper, decorate } from '../core/decorate.js';
import { InvalidOptionError } from '../core/errors.js';
import type { CacheKey } from './cache-key.js';
import { type CacheSource, cacheOf, checkSource } from './cache-source.js';
import { checkTags } from './option-checks.js';

/** Options of {@link invalidates}. */
export interface InvalidatesOptions<Args extends readonly unknown[], Result> {
  /** Tags to invalidate. */
  readonly tags?: readonly string[] | ((result: Result, ...args: Args) => readonly string[]);
  /** Keys to delete. */
  readonly keys?: readonly CacheKey[] | ((result: Result, ...args: Args) => readonly CacheKey[]);
  /**
   * `after`: once the function has succeeded. `before-and-after`: also before it runs, whatever comes of it (`result` is then
   * `undefined`). @default 'after'
   */
  readonly when?: 'after' | 'before-and-after';
}

type Given = readonly [result: never, ...args: never[]];

/**
 * Takes out of the cache what a function makes old, once it has succeeded: as a wrapper around a function, a standard
 * decorator or a legacy one. The caller's promise resolves after the invalidation. A failing invalidation is reported as
 * the cache's `error` event, and the function's result stands.
 *
 * ```ts
 * const save = invalidates(cache, { tags: (_result, sale: Sale) => [`shop:${sale.shop}`] })(saveSale);
 * ```
 *
 * @throws InvalidOptionError where it is applied
 */
export function invalidates<Args extends readonly unknown[] = never[], Result = unknown, Self = unknown>(
  source: CacheSource<Self>,
  options: InvalidatesOptions<Args, Result>,
): AsyncWrapper<Args, Result, Self> {
  checkSource(LABEL, source);
  const { tags, keys, when } = check(options as InvalidatesOptions<never[], never>);
  return decorate(LABEL, (original) => {
    return async function (this: unknown, ...args: unknown[]) {
      const cache = cacheOf(LABEL, source, this as Self);
      // Each on its own: a callback that throws must not keep the other one's entries alive.
      const attempt = async <T>(
        names: readonly T[] | ((...given: Given) => readonly T[]) | undefined,
        given: Given,
        takeOut: (list: readonly T[]) => Promise<unknown>,
      ): Promise<void> => {
        try {
          const list = typeof names === 'function' ? names(...given) : names;
          if (list && list.length > 0) await takeOut(list);
        } catch (error) {
          cache.reportTrouble(error, LABEL);
        }
      };
      const takeOut = async (result: unknown): Promise<void> => {
        const given = [result, ...args] as unknown as Given;
        await Promise.all([
          attempt(tags, given, (list) => cache.invalidateTags(list)),
          attempt(keys, given, (list) => cache.deleteMany(list)),
        ]);
      };
      if (when === 'before-and-after') await takeOut(undefined);
      const result = await original.apply(this, args);
      await takeOut(result);
      return result;
    };
  });
}

const LABEL = 'invalidates';

/** @throws InvalidOptionError */
function check(options: InvalidatesOptions<never[], never>): InvalidatesOptions<never[], never> {
  const { tags, keys, when } = options ?? {};
  if (tags === undefined && keys === undefined) {
    throw new InvalidOptionError('options', 'something to invalidate: { tags } or { keys }', options);
  }
  if (tags !== undefined && typeof tags !== 'function') checkTags(tags);
  if (keys !== undefined && typeof keys !== 'function' && !Array.isArray(keys)) {
    throw new InvalidOptionError('keys', 'a list of keys, or a function that makes one', keys);
  }
  if (when !== undefined && when !== 'after' && when !== 'before-and-after') {
    throw new InvalidOptionError('when', "'after' or 'before-and-after'", when);
  }
  return options;
}

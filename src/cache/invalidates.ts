import { type AsyncWrapper, decorate } from '../core/decorate.js';
import { InvalidOptionError } from '../core/errors.js';
import type { CacheKey } from './cache-key.js';
import type { CacheSource } from './cache-result.js';

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

/**
 * Takes out of the cache what a function makes old, once it has succeeded: as a wrapper around a function, a standard
 * decorator or a legacy one. The caller's promise resolves after the invalidation. A failing invalidation is reported as
 * the cache's `error` event, and the function's result stands.
 *
 * ```ts
 * const save = invalidates(cache, { tags: (_result, sale: Sale) => [`shop:${sale.shop}`] })(saveSale);
 * ```
 */
export function invalidates<Args extends readonly unknown[] = never[], Result = unknown, Self = unknown>(
  source: CacheSource<Self>,
  options: InvalidatesOptions<Args, Result>,
): AsyncWrapper<Args, Result, Self> {
  const { tags, keys, when = 'after' } = options as InvalidatesOptions<never[], never>;
  if (tags === undefined && keys === undefined) {
    throw new InvalidOptionError('options', 'something to invalidate: { tags } or { keys }', options);
  }
  if (when !== 'after' && when !== 'before-and-after') {
    throw new InvalidOptionError('when', "'after' or 'before-and-after'", when);
  }
  return decorate('invalidates', (original) => {
    return async function (this: unknown, ...args: unknown[]) {
      const cache = typeof source === 'function' ? source(this as Self) : source;
      const run = async (result: unknown): Promise<void> => {
        try {
          const given = [result, ...args] as unknown as [never, ...never[]];
          const names = typeof tags === 'function' ? tags(...given) : tags;
          const gone = typeof keys === 'function' ? keys(...given) : keys;
          if (names && names.length > 0) await cache.invalidateTags(names);
          if (gone && gone.length > 0) await cache.deleteMany(gone);
        } catch (error) {
          cache.reportTrouble(error, 'invalidates');
        }
      };
      if (when === 'before-and-after') await run(undefined);
      const result = await original.apply(this, args);
      await run(result);
      return result;
    };
  });
}

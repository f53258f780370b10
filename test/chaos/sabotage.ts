import type { CacheManager } from '../../src/cache/index.js';

/** `deaf`: invalidations do nothing. `tokenless`: `after` is ignored. Both are for showing that a check notices. */
export type Sabotage = 'deaf' | 'tokenless';

const INVALIDATIONS = ['delete', 'deleteMany', 'invalidateTags', 'invalidate', 'clear'] as const;

/** Breaks a cache on purpose. */
export function sabotage(cache: CacheManager<number>, how: Sabotage): void {
  if (how === 'deaf') {
    // A real token, of an invalidation that takes nothing out.
    const nothing = cache.invalidateTags.bind(cache, ['a tag that nothing carries']);
    for (const name of INVALIDATIONS) Object.assign(cache, { [name]: nothing });
    return;
  }
  const getOrSet = cache.getOrSet.bind(cache) as (...args: unknown[]) => unknown;
  Object.assign(cache, {
    getOrSet: (key: unknown, loader: unknown, options: object) =>
      getOrSet(key, loader, { ...options, after: undefined }),
  });
}

import type { CacheBenchSubject } from '../../src/cli/cache-bench.js';
import { GLOB, KEY, PREFIX, type RaceRecipe, TAG } from './contestant.js';

/** `early`: the tag stands in the options. `late`: the loader sets it, as it does when the result decides. */
export function ourRecipe(
  { CacheManager }: CacheBenchSubject,
  tags: 'early' | 'late',
  policy: 'lru' | 'cost',
): RaceRecipe {
  return {
    name: `hotpath (${tags} tags, ${policy})`,
    package: 'hotpath',
    async build(load) {
      const cache = new CacheManager<string>({ ttl: '1h', memory: { policy } });
      return {
        read: () =>
          tags === 'early'
            ? cache.getOrSet(KEY, load, { tags: [TAG] })
            : cache.getOrSet(KEY, async ({ tag }) => {
                const value = await load();
                tag(TAG);
                return value;
              }),
        invalidate: {
          delete: () => cache.delete(KEY),
          tag: () => cache.invalidateTags([TAG]),
          prefix: () => cache.invalidate(PREFIX),
          glob: () => cache.invalidate(GLOB),
          clear: () => cache.clear(),
          set: (value) => cache.set(KEY, value),
        },
        close: () => cache.close(),
      };
    },
  };
}

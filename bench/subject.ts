import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { manifestVersion, packagesOf } from '../src/cli/package-source.js';

// A relative path into dist, since the nearest package.json is that of bench/ and the package cannot name itself from here.
// Written as a URL, so that the type check does not ask for a build.
const BUILT = new URL('../dist/index.js', import.meta.url);

type Built = Pick<CacheBenchSubject, 'CacheManager'>;

/** The built package, as its users run it, and the peers of bench/node_modules. */
export async function loadSubject(): Promise<CacheBenchSubject> {
  if (!existsSync(BUILT)) throw new Error('dist is missing. Run: npm run build');
  const { CacheManager } = (await import(BUILT.href)) as Built;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const here = fileURLToPath(new URL('.', import.meta.url));
  const packages = packagesOf(here, (specifier) => import(specifier));
  return {
    CacheManager,
    version: manifestVersion(root) ?? '?',
    quickLruVersion: packages.version('quick-lru'),
    packages,
  };
}

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { usePacked } from './use-packed.js';

const { consumer, specifiers } = usePacked();

/** Minified kB (1000 bytes) that a bundle of a whole subpath may take. A new subpath must be given its limit here. */
const WHOLE_LIMIT_KB: Readonly<Record<string, number>> = {
  hotpath: 70,
  'hotpath/cache': 70,
};
/** What one name may take when it is imported alone from the root. */
const ALONE_LIMIT_KB = { HotpathError: 1.5, CacheManager: 60 } as const;
/** A name costs the same from root and subpath, but for the order of declarations. */
const SAME_BYTES = 64;

async function bundled(source: string): Promise<Uint8Array> {
  const result = await build({
    stdin: { contents: source, resolveDir: consumer, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
    logLevel: 'silent',
  });
  return result.outputFiles[0]!.contents;
}

const alone = async (name: string, specifier: string): Promise<number> =>
  (await bundled(`import { ${name} } from '${specifier}'; console.log(${name});`)).byteLength;
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

describe('a bundle', () => {
  it('of each whole subpath stays under its limit', async () => {
    const rows: Record<string, { minified: string; gzipped: string; limit: string }> = {};
    for (const specifier of specifiers) {
      const bundle = await bundled(`import * as all from '${specifier}'; console.log(all);`);
      const bytes = bundle.byteLength;
      const limit = WHOLE_LIMIT_KB[specifier];
      expect(limit, `${specifier} has no limit in this test`).toBeDefined();
      rows[specifier] = { minified: kB(bytes), gzipped: kB(gzipSync(bundle).byteLength), limit: `${limit} kB` };
      expect(bytes, specifier).toBeGreaterThan(0);
      expect(bytes, specifier).toBeLessThanOrEqual((limit ?? 0) * 1000);
    }
    console.table(rows);
  });

  it.each(Object.entries(ALONE_LIMIT_KB))('of %s alone takes at most %d kB', async (name, limit) => {
    const bytes = await alone(name, 'hotpath');
    console.log(`${name} alone: ${kB(bytes)}`);
    expect(bytes).toBeLessThanOrEqual(limit * 1000);
  });

  it('of nothing used is empty: importing has no side effect', async () => {
    for (const specifier of specifiers) {
      expect((await bundled(`import '${specifier}';`)).byteLength, specifier).toBe(0);
    }
  });

  it('of one name from the root carries no other module', async () => {
    for (const specifier of specifiers.slice(1)) {
      const names = await exportsOf(specifier);
      expect(names.length, specifier).toBeGreaterThan(0);
      for (const name of names) {
        const [fromRoot, fromSubpath] = await Promise.all([alone(name, 'hotpath'), alone(name, specifier)]);
        expect(fromRoot, `${name} of ${specifier}`).toBeLessThanOrEqual(fromSubpath + SAME_BYTES);
      }
    }
  });
});

async function exportsOf(specifier: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export * from '${specifier}';`, resolveDir: consumer },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    outfile: 'all.js',
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}

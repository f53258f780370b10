import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { usePacked } from './use-packed.js';

const { consumer, specifiers } = usePacked();

/**
 * Minified kB (1000 bytes) of a whole subpath that a bundle may load at its start. A new subpath must be given its limit here.
 *
 * Of the shared tier the start holds what can't wait: the options are checked when a cache is made, and reads and loads know
 * that there may be a tier. Everything else of it is loaded when it is first used.
 */
const WHOLE_LIMIT_KB: Readonly<Record<string, number>> = {
  hotpath: 92,
  'hotpath/cache': 92,
};
/** What one name may take when it is imported alone from the root. */
const ALONE_LIMIT_KB = { HotpathError: 1.5, CacheManager: 82 } as const;
/** A name costs the same from root and subpath, but for the order of declarations. */
const SAME_BYTES = 64;

/** What the shared tier may add, loaded when a cache with a remote is first used. */
const TIER_LIMIT_KB = 80;

interface Bundle {
  /** What is loaded at the start: the entry, and what it imports. */
  readonly start: Uint8Array;
  /** What is loaded later, by `import()`. */
  readonly later: Uint8Array;
}

/** Bundles as a host that uses code splitting does. The optional peers are not installed there, which must be no error. */
async function bundled(source: string, splitting = true): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: consumer, loader: 'js' },
    bundle: true,
    splitting,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: consumer,
    absWorkingDir: consumer,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const atStart = new Set<string>();
  const visit = (path: string): void => {
    const output = metafile.outputs[path];
    if (output === undefined || atStart.has(path)) return;
    atStart.add(path);
    for (const { kind, path: imported } of output.imports) if (kind === 'import-statement') visit(imported);
  };
  visit('stdin.js');
  expect(atStart.size).toBeGreaterThan(0);
  const bytesOf = (wanted: boolean): Uint8Array =>
    Buffer.concat(
      outputFiles.filter(({ path }) => atStart.has(basename(path)) === wanted).map(({ contents }) => contents),
    );
  return { start: bytesOf(true), later: bytesOf(false) };
}

/** Where the tier is out of reach, esbuild sets apart all the same what it would share with it: so nothing is split here. */
const withoutTier = async (name: string): Promise<number> =>
  (await bundled(`import { ${name} } from 'hotpath'; console.log(${name});`, false)).start.byteLength;
const alone = async (name: string, specifier: string): Promise<number> =>
  (await bundled(`import { ${name} } from '${specifier}'; console.log(${name});`)).start.byteLength;
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

describe('a bundle', () => {
  it('of each whole subpath stays under its limit', async () => {
    const rows: Record<string, { minified: string; gzipped: string; limit: string }> = {};
    for (const specifier of specifiers) {
      const { start: bundle } = await bundled(`import * as all from '${specifier}'; console.log(all);`);
      const bytes = bundle.byteLength;
      const limit = WHOLE_LIMIT_KB[specifier];
      expect(limit, `${specifier} has no limit in this test`).toBeDefined();
      rows[specifier] = { minified: kB(bytes), gzipped: kB(gzipSync(bundle).byteLength), limit: `${limit} kB` };
      expect(bytes, specifier).toBeGreaterThan(0);
      expect(bytes, specifier).toBeLessThanOrEqual((limit ?? 0) * 1000);
    }
    console.table(rows);
  });

  it('loads the shared tier apart, within a limit of its own', async () => {
    const { start, later } = await bundled(`import { CacheManager } from 'hotpath'; console.log(CacheManager);`);
    const text = Buffer.from(later).toString();
    console.log(`the shared tier: ${kB(later.byteLength)}, gzipped ${kB(gzipSync(later).byteLength)}`);
    // Its scripts are there, and only there.
    expect(text).toContain("redis.call('PUBLISH'");
    expect(Buffer.from(start).toString()).not.toContain('redis.call');
    expect(later.byteLength).toBeLessThanOrEqual(TIER_LIMIT_KB * 1000);
  });

  it('needs no optional peer, and leaves its import to the time it is used', async () => {
    const { later } = await bundled(`import { CacheManager } from 'hotpath'; console.log(CacheManager);`);
    expect(Buffer.from(later).toString()).toMatch(/import\("@keyv\/redis"\)/);
  });

  it.each(Object.entries(ALONE_LIMIT_KB))('of %s alone takes at most %d kB', async (name, limit) => {
    const bytes = await (name === 'CacheManager' ? alone(name, 'hotpath') : withoutTier(name));
    console.log(`${name} alone: ${kB(bytes)}`);
    expect(bytes).toBeLessThanOrEqual(limit * 1000);
  });

  it('of nothing used is empty: importing has no side effect', async () => {
    for (const specifier of specifiers) {
      expect((await bundled(`import '${specifier}';`)).start.byteLength, specifier).toBe(0);
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

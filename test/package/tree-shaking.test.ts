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
 * that there may be a tier. Of a monitor's dashboard and profiler it holds that they can be asked for, and their options. Everything
 * else of these is loaded when it is first used. Of a processor all is there at the start but its worker threads and a client of Redis, of a memory manager
 * all but the profile of a leak and heap snapshots.
 */
const WHOLE_LIMIT_KB: Readonly<Record<string, number>> = {
  hotpath: 402,
  'hotpath/async': 139,
  'hotpath/cache': 100,
  'hotpath/memory': 68,
  'hotpath/monitor': 143,
  'hotpath/otel': 26,
};
/** What one name may take at the start when it is imported alone from the root. Up to 15 kB of it are esbuild's: see `inOnePiece`. */
const ALONE_LIMIT_KB = {
  HotpathError: 1.5,
  CacheManager: 103,
  PerformanceMonitor: 144,
  AsyncProcessor: 127,
  MemoryManager: 77,
} as const;
/** Imported alone, and none of its business: what these signs stand for is loaded when it is used, or belongs to another name. */
const NOT_OF_A_PROCESSOR = {
  'a client of Redis': 'REDIS_UNAVAILABLE',
  'the script of the shared limit': 'redis.call',
  'the journal of a checkpoint': 'CHECKPOINT_IN_USE',
  'undici and its connections': 'import("undici")',
  'the gauges of a pool': 'utilisation',
  'a cache': 'memoryHits',
  'a monitor': 'event_loop_utilization',
} as const;
/** A name costs the same from root and subpath, but for the order of declarations. */
const SAME_BYTES = 256;

/** Loaded when a cache with a remote is first used: `import()` leads there and to nothing else. */
const TIER_LIMIT_KB = 80;
/** Loaded with the first request to a dashboard, its page with uPlot included, and with the first profile. */
const DASHBOARD_AND_PROFILER_LIMIT_KB = 155;

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
  const reach = (kinds: readonly string[], reached = new Set<string>(), path = 'stdin.js'): Set<string> => {
    const output = metafile.outputs[path];
    if (output === undefined || reached.has(path)) return reached;
    reached.add(path);
    for (const { kind, path: imported } of output.imports) if (kinds.includes(kind)) reach(kinds, reached, imported);
    return reached;
  };
  const atStart = reach(['import-statement']);
  // esbuild writes what any file reaches by `import()`, also where that file is shaken off: only what leads there counts.
  const atAll = reach(['import-statement', 'dynamic-import']);
  expect(atStart.size).toBeGreaterThan(0);
  const bytesOf = (paths: (path: string) => boolean): Uint8Array =>
    Buffer.concat(outputFiles.filter(({ path }) => paths(basename(path))).map(({ contents }) => contents));
  return {
    start: bytesOf((path) => atStart.has(path)),
    later: bytesOf((path) => atAll.has(path) && !atStart.has(path)),
  };
}

const alone = (name: string, specifier: string, splitting = true): Promise<Bundle> =>
  bundled(`import { ${name} } from '${specifier}'; console.log(${name});`, splitting);
/**
 * All that a name needs, now or later, in one piece. Where code is split, esbuild sets apart what is shared with a part that is loaded
 * later, also with one that nothing leads to, and loads that at the start: so this is what a name truly brings with it.
 */
const inOnePiece = async (name: string, specifier: string): Promise<Uint8Array> =>
  (await alone(name, specifier, false)).start;
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
    const { start, later } = await alone('CacheManager', 'hotpath');
    const text = Buffer.from(later).toString();
    console.log(`the shared tier: ${kB(later.byteLength)}, gzipped ${kB(gzipSync(later).byteLength)}`);
    // Its scripts are there, and only there.
    expect(text).toContain("redis.call('PUBLISH'");
    expect(Buffer.from(start).toString()).not.toContain('redis.call');
    expect(later.byteLength).toBeLessThanOrEqual(TIER_LIMIT_KB * 1000);
  });

  it('loads dashboard and profiler apart, within a limit of their own', async () => {
    const { start, later } = await alone('PerformanceMonitor', 'hotpath');
    const [atStart, afterwards] = [start, later].map((bytes) => Buffer.from(bytes).toString());
    console.log(`dashboard and profiler: ${kB(later.byteLength)}, gzipped ${kB(gzipSync(later).byteLength)}`);
    for (const part of ['u-legend', 'text/event-stream', 'node:inspector']) {
      expect(afterwards?.includes(part), part).toBe(true);
      expect(atStart?.includes(part), part).toBe(false);
    }
    expect(later.byteLength).toBeLessThanOrEqual(DASHBOARD_AND_PROFILER_LIMIT_KB * 1000);
  });

  it.each([
    ['@keyv/redis', 'CacheManager', 'hotpath'],
    ['@opentelemetry/api', 'otelBridge', 'hotpath/otel'],
    ['tinypool', 'AsyncProcessor', 'hotpath/async'],
    ['undici', 'createModelFetch', 'hotpath/async'],
    ['@keyv/redis', 'redisRateLimitStore', 'hotpath/async'],
  ])('needs no %s, and leaves its import to the time it is used', async (peer, name, specifier) => {
    expect(Buffer.from(await inOnePiece(name, specifier)).includes(`import("${peer}")`)).toBe(true);
  });

  it.each(Object.entries(ALONE_LIMIT_KB))('of %s alone takes at most %d kB', async (name, limit) => {
    const { byteLength } =
      name === 'HotpathError' ? await inOnePiece(name, 'hotpath') : (await alone(name, 'hotpath')).start;
    console.log(`${name} alone: ${kB(byteLength)}`);
    expect(byteLength).toBeLessThanOrEqual(limit * 1000);
  });

  it('of nothing used is empty: importing has no side effect', async () => {
    for (const specifier of specifiers) {
      expect((await bundled(`import '${specifier}';`)).start.byteLength, specifier).toBe(0);
    }
  });

  it.each(Object.entries(NOT_OF_A_PROCESSOR))('of AsyncProcessor carries nothing of %s', async (_what, sign) => {
    const all = await bundled(`import * as all from 'hotpath'; console.log(all);`, false);
    expect(Buffer.from(all.start).includes(sign)).toBe(true);
    expect(Buffer.from(await inOnePiece('AsyncProcessor', 'hotpath')).includes(sign)).toBe(false);
  });

  it('of AsyncProcessor loads worker threads apart', async () => {
    const { start, later } = await alone('AsyncProcessor', 'hotpath/async');
    expect(Buffer.from(later).includes('import("tinypool")')).toBe(true);
    expect(Buffer.from(start).includes('import("tinypool")')).toBe(false);
  });

  it('of MemoryManager loads the profile of a leak and heap snapshots apart', async () => {
    const { start, later } = await alone('MemoryManager', 'hotpath');
    for (const part of ['node:inspector', '.heapsnapshot']) {
      expect(Buffer.from(later).includes(part), part).toBe(true);
      expect(Buffer.from(start).includes(part), part).toBe(false);
    }
  });

  it.each([
    ['CacheManager', 'a monitor', 'event_loop_utilization'],
    ['PerformanceMonitor', 'a cache', 'redis.call'],
    ['MemoryManager', 'a cache', 'redis.call'],
    ['MemoryManager', 'a monitor', 'event_loop_utilization'],
  ])('of %s carries nothing of %s', async (name, _other, sign) => {
    const all = (await bundled(`import * as all from 'hotpath'; console.log(all);`, false)).start;
    expect(Buffer.from(all).includes(sign)).toBe(true);
    expect(Buffer.from(await inOnePiece(name, 'hotpath')).includes(sign)).toBe(false);
  });

  it('of one name from the root carries no other module', async () => {
    // What is not in the root has no name there to compare.
    const names = new Set(await exportsOf('hotpath'));
    for (const specifier of specifiers.slice(1)) {
      const shared = (await exportsOf(specifier)).filter((name) => names.has(name));
      if (specifier !== 'hotpath/otel') expect(shared.length, specifier).toBeGreaterThan(0);
      for (const name of shared) {
        const [fromRoot, fromSubpath] = await Promise.all([inOnePiece(name, 'hotpath'), inOnePiece(name, specifier)]);
        expect(fromRoot.byteLength, `${name} of ${specifier}`).toBeLessThanOrEqual(fromSubpath.byteLength + SAME_BYTES);
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

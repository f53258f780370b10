// Which eviction policy should be the default? Hit ratios at equal entries, loader time saved at equal bytes.
// npm run bench -- hit-ratio [--quick] [--json]; the traces are read from HOTPATH_DATA.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededCostPolicy } from '../src/cache/cost-policy.js';
import { lruPolicy } from '../src/cache/lru-policy.js';
import { machineLine } from '../src/cli/machine.js';
import { optimal } from './optimal-cache.js';
import { loadSubject } from './subject.js';
import {
  type CacheUnderTest,
  meanBytes,
  mixedWeights,
  type Outcome,
  policyCache,
  readTrace,
  simulate,
  type Trace,
  unitWeights,
  type Weights,
} from './trace-simulation.js';

/** Trace and capacity in entries. zigzag has 2,001 keys: 1,000 is about half of them, as for loop. */
const ROWS: readonly (readonly [name: string, capacity: number])[] = [
  ['2_pools', 100],
  ['gli', 1000],
  ['loop', 500],
  ['multi1', 1500],
  ['oltp', 250],
  ['oltp', 1000],
  ['oltp', 2000],
  ['sprite', 1000],
  ['web07', 500],
  ['zigzag', 1000],
];
const QUICK = new Set(['2_pools', 'gli', 'multi1', 'web07', 'zigzag']);
const SKETCH_SEED = 1;
const WEIGHT_SEEDS = [1, 2, 3];
const NO_BOUND = 1e9;

/** What is used of lru-cache. It comes from bench/node_modules, which the type check does not see. */
interface LruCache {
  get(key: number): true | undefined;
  set(key: number, value: true): unknown;
}
type LruCacheClass = new (
  options:
    | { readonly max: number }
    | { readonly maxSize: number; readonly sizeCalculation: (value: true, key: number) => number },
) => LruCache;

interface HitRow {
  readonly trace: string;
  readonly capacity: number;
  readonly lru: number;
  readonly cost: number;
  readonly lruCache: number;
  readonly opt: number;
}

interface SavedRow {
  readonly trace: string;
  readonly maxBytes: number;
  readonly seed: number;
  readonly lru: number;
  readonly cost: number;
  readonly lruCache: number;
}

function hitRow(LRUCache: LruCacheClass, name: string, capacity: number, trace: Trace): HitRow {
  const weights = unitWeights(trace);
  const limits = { maxEntries: capacity, maxBytes: Number.POSITIVE_INFINITY };
  const percent = (outcome: Outcome): number => (100 * outcome.hits) / outcome.requests;
  const run = (cache: CacheUnderTest): number => percent(simulate(trace, weights, cache));
  return {
    trace: name,
    capacity,
    lru: run(policyCache(lruPolicy, limits, trace, weights)),
    cost: run(policyCache(seededCostPolicy(SKETCH_SEED), limits, trace, weights)),
    lruCache: run(peer(new LRUCache({ max: capacity }))),
    opt: percent(optimal(trace, capacity)),
  };
}

function savedRow(LRUCache: LruCacheClass, name: string, capacity: number, trace: Trace, seed: number): SavedRow {
  const weights: Weights = mixedWeights(trace, seed);
  const maxBytes = Math.round(capacity * meanBytes(weights));
  const limits = { maxEntries: NO_BOUND, maxBytes };
  const run = (cache: CacheUnderTest): number => {
    const { saved, total } = simulate(trace, weights, cache);
    return (100 * saved) / total;
  };
  const sizeCalculation = (_: true, key: number): number => weights.bytes[key]!;
  return {
    trace: `${name} @${capacity}`,
    maxBytes,
    seed,
    lru: run(policyCache(lruPolicy, limits, trace, weights)),
    cost: run(policyCache(seededCostPolicy(SKETCH_SEED), limits, trace, weights)),
    lruCache: run(peer(new LRUCache({ maxSize: maxBytes, sizeCalculation }))),
  };
}

function peer(cache: LruCache): CacheUnderTest {
  return { has: (key) => cache.get(key) === true, add: (key) => void cache.set(key, true) };
}

function markdown(hits: readonly HitRow[], saved: readonly SavedRow[]): string {
  const fixed = (value: number): string => value.toFixed(2);
  const ratio = (row: SavedRow): string => (row.lruCache < 0.01 ? '-' : (row.cost / row.lruCache).toFixed(2));
  return [
    '## Hit ratio',
    '',
    'Hit ratio in %, every entry of equal size and cost, bound by entries',
    '',
    '| trace | entries | lru | cost | lru-cache | OPT | cost - lru-cache |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...hits.map(
      (row) =>
        `| ${row.trace} | ${row.capacity} | ${fixed(row.lru)} | ${fixed(row.cost)} | ${fixed(row.lruCache)} | ${fixed(row.opt)} | ${fixed(row.cost - row.lruCache)} |`,
    ),
    '',
    'Loader time saved in %, at equal bytes (seeded sizes 200 B to 64 kB; SQL 5 to 400 ms, one key in five a model answer of 1 to 8 s)',
    '',
    '| trace | seed | MB | lru | cost | lru-cache | cost / lru-cache |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...saved.map(
      (row) =>
        `| ${row.trace} | ${row.seed} | ${fixed(row.maxBytes / 1e6)} | ${fixed(row.lru)} | ${fixed(row.cost)} | ${fixed(row.lruCache)} | ${ratio(row)} |`,
    ),
    '',
    machineLine(),
    '',
  ].join('\n');
}

async function measure(folder: string, quick: boolean): Promise<void> {
  const { LRUCache } = (await (await loadSubject()).packages.load('lru-cache')) as { LRUCache: LruCacheClass };
  const rows = ROWS.filter(([name]) => !quick || QUICK.has(name));
  const traces = new Map<string, Trace>();
  for (const [name] of rows) {
    if (!traces.has(name)) traces.set(name, readTrace(join(folder, `${name}.gz`)));
  }
  const hits = rows.map(([name, capacity]) => hitRow(LRUCache, name, capacity, traces.get(name)!));
  const seeds = quick ? WEIGHT_SEEDS.slice(0, 1) : WEIGHT_SEEDS;
  const saved = rows.flatMap(([name, capacity]) =>
    seeds.map((seed) => savedRow(LRUCache, name, capacity, traces.get(name)!, seed)),
  );
  console.log(
    process.argv.includes('--json') ? JSON.stringify({ machine: machineLine(), hits, saved }) : markdown(hits, saved),
  );
}

const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = join(process.env['HOTPATH_DATA'] ?? join(repository, '../shared/data'), 'traces');
if (existsSync(folder)) {
  await measure(folder, process.argv.includes('--quick'));
} else {
  const skipped = 'hit-ratio skipped: there is no folder "traces" in the data folder; set HOTPATH_DATA to it.';
  console.log(process.argv.includes('--json') ? JSON.stringify({ skipped }) : skipped);
}

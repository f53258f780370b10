import { isDeepStrictEqual } from 'node:util';
import {
  type CacheManagerClass,
  floorContestants,
  GET_OR_SET,
  getOrSetContestant,
  PEEK,
  type Policy,
  peekContestant,
} from './cache-contestants.js';
import { CACHE_PEERS } from './cache-peers.js';
import { type ContestOptions, contest, median, ratios } from './contest.js';
import { allKeys, type Contestant, ENTRIES, HOT_KEYS, hotKeys, RowLoader, rowOf } from './contestant.js';
import type { PackageSource } from './package-source.js';
import type { Report } from './report.js';

export interface CacheBenchSubject {
  readonly CacheManager: CacheManagerClass;
  readonly version: string;
  readonly quickLruVersion: string;
  /** Where the peers are looked for. */
  readonly packages: PackageSource;
}

/** A hit of `getOrSet` in memory beside the peers, and of `peek` beside the bare stores. */
export async function benchMemoryHits(
  subject: CacheBenchSubject,
  policy: Policy,
  options: ContestOptions,
): Promise<Report> {
  const loader = new RowLoader();
  const notes: string[] = [];
  const contestants = [
    ...floorContestants(allKeys(), subject.quickLruVersion),
    peekContestant(subject.CacheManager, subject.version, policy, loader),
    getOrSetContestant(subject.CacheManager, subject.version, policy, loader),
    ...(await installedPeers(subject.packages, loader, notes)),
  ];
  await fillAndCompare(contestants);
  const loaded = loader.runs;
  const keys = hotKeys();
  const entries = contestants.map((c) => ({ name: c.name, operations: keys.length, run: () => c.hits(keys) }));
  const times = await contest(entries, options);
  notes.push(
    loader.runs === loaded
      ? 'No loader ran while the clock was running: every call timed is a hit.'
      : `${loader.runs - loaded} loader runs fell into the timed part: not every call timed is a hit.`,
  );
  for (const contestant of contestants) await contestant.close?.();

  return {
    title: `A hit in memory (policy '${policy}')`,
    about:
      `${ENTRIES.toLocaleString('en-US')} entries in each cache, ${HOT_KEYS.toLocaleString('en-US')} of them read over and over in a fixed ` +
      `shuffled order, one awaited call after the other (Map, quick-lru and peek: synchronous). ${options.rounds} interleaved rounds of ` +
      `${options.sliceMs} ms for each; the median of the rounds, and their range. Ratios are medians of the ratios within a round. ` +
      'All contestants returned equal values before the clock started.',
    rows: contestants.map((c) => row(c, times.get(c.name)!, median(ratios(times, c.name, GET_OR_SET)))),
    figures: measuredOnly({
      getOrSetNs: median(times.get(GET_OR_SET)!),
      getOrSetToLruCacheFetch: median(ratios(times, GET_OR_SET, 'lru-cache fetch')),
      bentocacheToGetOrSet: median(ratios(times, 'bentocache getOrSet', GET_OR_SET)),
      cacheableToGetOrSet: median(ratios(times, 'cacheable getOrSet', GET_OR_SET)),
      peekToQuickLru: median(ratios(times, PEEK, 'quick-lru get')),
    }),
    notes,
  };
}

/** Leaves out what has no figure, because one of its two contestants is not installed. */
function measuredOnly(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => !Number.isNaN(value)));
}

function row(contestant: Contestant, times: readonly number[], ratio: number): Report['rows'][number] {
  return {
    contestant: contestant.name,
    version: contestant.version,
    'ns a hit': median(times),
    'rounds from': Math.min(...times),
    to: Math.max(...times),
    'times our getOrSet': ratio,
  };
}

async function installedPeers(packages: PackageSource, loader: RowLoader, notes: string[]): Promise<Contestant[]> {
  const peers: Contestant[] = [];
  for (const recipe of CACHE_PEERS) {
    try {
      peers.push(await recipe.build(packages, loader));
    } catch (error) {
      const reason = isNotInstalled(error) ? 'not installed here' : `could not be set up (${String(error)})`;
      notes.push(`${recipe.package}: ${reason}, so not measured.`);
    }
  }
  return peers;
}

function isNotInstalled(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
}

/** Fills every cache with the same entries; then every contestant must answer every hot key alike. */
async function fillAndCompare(contestants: readonly Contestant[]): Promise<void> {
  for (const contestant of contestants) {
    for (const key of allKeys()) await contestant.read(key);
    for (const key of hotKeys()) {
      const value = await contestant.read(key);
      if (!isDeepStrictEqual(value, rowOf(key))) {
        throw new Error(`${contestant.name} answers ${key} with ${JSON.stringify(value)}; the others do not.`);
      }
    }
  }
}

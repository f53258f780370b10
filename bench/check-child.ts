// Child of bench:check: prints what getOrSet and peek cost beside quick-lru, one ratio a round, as JSON.
import {
  floorContestants,
  GET_OR_SET,
  getOrSetContestant,
  PEEK,
  peekContestant,
} from '../src/cli/cache-contestants.js';
import { contest, ratios } from '../src/cli/contest.js';
import { allKeys, hotKeys, RowLoader } from '../src/cli/contestant.js';
import { loadSubject } from './subject.js';

const SLICE_MS = 1_000;
/** Ours, and the store it is divided by. */
const PAIRS = [
  [GET_OR_SET, 'quick-lru get, awaited'],
  [PEEK, 'quick-lru get'],
] as const;

const policy = process.argv[2] === 'lru' ? 'lru' : 'cost';
const rounds = Number(process.argv[3]);
const { CacheManager, version, quickLruVersion } = await loadSubject();
const loader = new RowLoader();
const contestants = [
  ...floorContestants(allKeys(), quickLruVersion).filter(({ name }) => PAIRS.some(([, base]) => base === name)),
  getOrSetContestant(CacheManager, version, policy, loader),
  peekContestant(CacheManager, version, policy, loader),
];
for (const contestant of contestants) for (const key of allKeys()) await contestant.read(key);
const keys = hotKeys();
const entries = contestants.map((c) => ({ name: c.name, operations: keys.length, run: () => c.hits(keys) }));
const times = await contest(entries, { rounds, sliceMs: SLICE_MS });
for (const contestant of contestants) await contestant.close?.();
process.stdout.write(
  JSON.stringify(Object.fromEntries(PAIRS.map(([name, base]) => [`${name} / ${base}`, ratios(times, name, base)]))),
);

// Child of the allocation bench: prints the bytes each contestant allocates a hit, as JSON.
import { floorContestants, getOrSetContestant, peekContestant } from '../src/cli/cache-contestants.js';
import { CACHE_PEERS } from '../src/cli/cache-peers.js';
import { allKeys, type Contestant, hotKeys, RowLoader } from '../src/cli/contestant.js';
import { loadSubject } from './subject.js';

const HITS = 20_000;
const { gc } = globalThis as { gc?: () => void };
if (!gc) throw new Error('This needs node --expose-gc.');

const { CacheManager, version, quickLruVersion, packages } = await loadSubject();
const loader = new RowLoader();
const contestants: Contestant[] = [
  ...floorContestants(allKeys(), quickLruVersion),
  peekContestant(CacheManager, version, 'cost', loader),
  getOrSetContestant(CacheManager, version, 'cost', loader),
];
for (const recipe of CACHE_PEERS) contestants.push(await recipe.build(packages, loader));

const keys = hotKeys();
const results = [];
for (const contestant of contestants) {
  for (const key of allKeys()) await contestant.read(key);
  for (let i = 0; i < 300; i++) await contestant.hits(keys);
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < HITS / keys.length; i++) await contestant.hits(keys);
  const bytes = (process.memoryUsage().heapUsed - before) / HITS;
  results.push({ contestant: contestant.name, version: contestant.version, bytes });
}
for (const contestant of contestants) await contestant.close?.();
process.stdout.write(JSON.stringify(results));

// 1,000 callers ask for one absent key at once: how often does the loader run?
import { isDeepStrictEqual } from 'node:util';
import { getOrSetContestant } from '../src/cli/cache-contestants.js';
import { CACHE_PEERS, type PeerRecipe } from '../src/cli/cache-peers.js';
import { median } from '../src/cli/contest.js';
import { type Contestant, RowLoader, rowOf } from '../src/cli/contestant.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

const CALLERS = 1_000;
const LOADER_MS = 20;

await publish(async ({ quick }) => {
  const subject = await loadSubject();
  const ours = (loader: RowLoader) =>
    Promise.resolve(getOrSetContestant(subject.CacheManager, subject.version, 'cost', loader));
  const peer = (recipe: PeerRecipe) => (loader: RowLoader) => recipe.build(subject.packages, loader);
  const rows = [];
  for (const build of [ours, ...CACHE_PEERS.map(peer)]) {
    rows.push(await stampede(build, quick ? 3 : 11));
  }
  return {
    title: 'A stampede on one key',
    about: `${CALLERS.toLocaleString('en-US')} calls in one tick for a key that is absent; the loader takes ${LOADER_MS} ms. Median of the repetitions, each on another key.`,
    rows: rows.map(({ contestant, version, runs, ms }) => ({
      contestant,
      version,
      'loader runs': runs,
      'ms for all callers': ms,
      'ms above the loader': ms - LOADER_MS,
    })),
    figures: { loaderRuns: rows[0]!.runs },
  };
});

async function stampede(build: (loader: RowLoader) => Promise<Contestant>, repetitions: number) {
  const loader = new RowLoader(LOADER_MS);
  const contestant = await build(loader);
  const runs: number[] = [];
  const ms: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const before = loader.runs;
    const start = performance.now();
    const values = await Promise.all(Array.from({ length: CALLERS }, () => contestant.read(`hot:${i}`)));
    ms.push(performance.now() - start);
    runs.push(loader.runs - before);
    if (!values.every((value) => isDeepStrictEqual(value, rowOf(`hot:${i}`)))) {
      throw new Error(`${contestant.name} gave a caller something else than the loader returned.`);
    }
  }
  await contestant.close?.();
  return { contestant: contestant.name, version: contestant.version, runs: Math.max(...runs), ms: median(ms) };
}

// The source is away and callers keep coming: how often is it asked, and by how many at once?
import { getOrSetContestant } from '../src/cli/cache-contestants.js';
import { CACHE_PEERS } from '../src/cli/cache-peers.js';
import type { Contestant, Row, RowSource } from '../src/cli/contestant.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

const CALLERS = 20;
const APART_MS = 5;
const LOADER_MS = 30;

/** Fails after a while, and counts how often and by how many at once it was asked. */
class FailingSource implements RowSource {
  runs = 0;
  mostAtOnce = 0;
  #running = 0;

  readonly load = async (): Promise<Row> => {
    this.runs++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
    await sleep(LOADER_MS);
    this.#running--;
    throw new Error('the source is away');
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await publish(async () => {
  const { CacheManager, version, packages } = await loadSubject();
  const rows = [await fail((source) => Promise.resolve(getOrSetContestant(CacheManager, version, 'cost', source)))];
  for (const recipe of CACHE_PEERS) rows.push(await fail((source) => recipe.build(packages, source)));
  return {
    title: 'Callers of a source that is away',
    about: `${CALLERS} calls for one key, ${APART_MS} ms apart; the loader fails after ${LOADER_MS} ms. A cache that shares one load among all who wait asks the source about ${Math.ceil((CALLERS * APART_MS) / LOADER_MS)} times, never twice at once.`,
    rows,
  };
});

async function fail(build: (source: RowSource) => Promise<Contestant>) {
  const source = new FailingSource();
  const contestant = await build(source);
  const calls: Promise<boolean>[] = [];
  for (let i = 0; i < CALLERS; i++) {
    calls.push(
      Promise.resolve(contestant.read('report:1')).then(
        () => false,
        () => true,
      ),
    );
    await sleep(APART_MS);
  }
  const failed = (await Promise.all(calls)).filter(Boolean).length;
  await contestant.close?.();
  return {
    contestant: contestant.name,
    version: contestant.version,
    'loader runs': source.runs,
    'most at once': source.mostAtOnce,
    'callers told of the error': failed,
  };
}

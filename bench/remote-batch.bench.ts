// 100 keys that are all in Redis, in one call: what does it take, in time, round trips and commands?
import { isDeepStrictEqual } from 'node:util';
import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { contest, median, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import type { RedisServer } from '../test/services/redis.js';
import { publish } from './publish.js';
import { clusterNote } from './remote-batch-cluster.js';
import { commandCounts, connectNodeRedis, listCounts } from './remote-clients.js';
import type { RemoteContestant, RemoteRecipe } from './remote-contestant.js';
import { OURS, ourRecipe } from './remote-ours.js';
import { ResultLoader, reportKeys, resultRows } from './remote-payload.js';
import { floorRecipe, ioredisFloorRecipe, peerRecipes } from './remote-peers.js';
import { countingProxy, startRedis } from './remote-server.js';
import { loadSubject } from './subject.js';

const KEYS = reportKeys(100);
const CALLS: Readonly<Record<string, string>> = {
  '@redis/client GET + JSON.parse': '@redis/client MGET + JSON.parse',
  'ioredis GET + JSON.parse': 'ioredis MGET + JSON.parse',
  'keyv get': 'keyv getMany',
  [OURS]: 'hotpath getOrSetMany',
  [`${OURS} (ioredis)`]: 'hotpath getOrSetMany (ioredis)',
  'cacheable getOrSet': 'cacheable getMany',
  'cache-manager wrap': 'cache-manager mget',
  'bentocache getOrSet': 'bentocache getOrSet, 100 at once',
};

await publish(async ({ quick }): Promise<Report> => {
  const subject = await loadSubject();
  const server = await startRedis();
  const loader = new ResultLoader();
  const contestants: RemoteContestant[] = [];
  try {
    const costs = new Map<string, Cost>();
    for (const recipe of recipesOf(subject)) {
      costs.set(recipe.name, await costOf(subject, server, recipe, loader));
      contestants.push(await recipe.build(server.url, loader.load));
    }
    const loaded = loader.runs;
    const entries = contestants.map((one) => ({ name: one.name, operations: 1, run: () => one.readMany(KEYS) }));
    const options = quick ? { rounds: 3, sliceMs: 100 } : { rounds: 11, sliceMs: 400 };
    const times = await contest(entries, options);
    const floor = contestants[0]!.name;
    const toFloor = (name: string) => median(ratios(times, name, floor));
    return {
      title: 'A batch of 100 keys in Redis',
      about:
        `${KEYS.length} keys, all present, the values of the hit bench; no memory tier before Redis. \`round trips\`: how often the client waited ` +
        'for the server in one such call, counted by a proxy; `commands`: what the server ran for it, by `INFO commandstats`. ' +
        `${options.rounds} interleaved rounds of ${options.sliceMs} ms for each; medians, ratios within a round.`,
      rows: contestants.map(({ name, version }) => ({
        contestant: CALLS[name] ?? name,
        version,
        'µs a batch': median(times.get(name)!) / 1_000,
        'times the floor': toFloor(name),
        'round trips': costs.get(name)!.roundTrips,
        commands: listCounts(costs.get(name)!.commands),
      })),
      figures: { batchToFloor: toFloor(OURS), roundTrips: costs.get(OURS)!.roundTrips },
      notes: [
        await clusterNote(subject, KEYS),
        loader.runs === loaded
          ? 'No loader ran while the clock was running: every call timed is a hit.'
          : `${loader.runs - loaded} loader runs fell into the timed part: not every call timed is a hit.`,
      ],
    };
  } finally {
    for (const contestant of contestants) await contestant.close();
    await server.close();
  }
});

function recipesOf(subject: CacheBenchSubject): RemoteRecipe[] {
  return [
    floorRecipe(subject.packages),
    ioredisFloorRecipe(subject.packages),
    ourRecipe(subject, '@redis/client'),
    ourRecipe(subject, 'ioredis'),
    ...peerRecipes(subject.packages),
  ];
}

interface Cost {
  readonly roundTrips: number;
  readonly commands: ReadonlyMap<string, number>;
}

/** Fills the contestant's keys, compares what comes back, and counts what one more call takes. */
async function costOf(
  subject: CacheBenchSubject,
  server: RedisServer,
  recipe: RemoteRecipe,
  loader: ResultLoader,
): Promise<Cost> {
  const proxy = await countingProxy(server);
  const observer = await connectNodeRedis(subject.packages, server.url);
  const contestant = await recipe.build(proxy.url, loader.load);
  try {
    for (const key of KEYS) await contestant.write(key, resultRows(key));
    if (!isDeepStrictEqual(await contestant.readMany(KEYS), KEYS.map(resultRows))) {
      throw new Error(`${recipe.name} gave something else than was stored.`);
    }
    await quiet();
    proxy.take();
    await commandCounts(observer);
    await contestant.readMany(KEYS);
    return { roundTrips: proxy.take(), commands: await commandCounts(observer) };
  } finally {
    await contestant.close();
    observer.destroy();
    await proxy.close();
  }
}

/** What a library does behind its answer (a subscription, a write) is not counted with the next call. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

import { isDeepStrictEqual } from 'node:util';
import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import { startRedisCluster } from '../test/services/redis-cluster.js';
import { commandCounts, connectCluster, connectNodeRedis, listCounts } from './remote-clients.js';
import { sharedCache } from './remote-ours.js';
import { type ResultRows, resultRows } from './remote-payload.js';

/** What each of the three masters of a cluster runs for one batch that is all there: a line for the notes. */
export async function clusterNote(subject: CacheBenchSubject, keys: readonly string[]): Promise<string> {
  const cluster = await startRedisCluster();
  const urls = cluster.nodes.map(({ url }) => url);
  const client = await connectCluster(subject.packages, urls);
  const observers = await Promise.all(urls.map((url) => connectNodeRedis(subject.packages, url)));
  const cache = sharedCache(subject, client);
  try {
    const load = async (missing: readonly string[]): Promise<ResultRows[]> => missing.map(resultRows);
    await cache.getOrSetMany(keys, load);
    // The writes of the first call have gone out, and are not counted with the second one.
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const observer of observers) await commandCounts(observer);
    let loads = 0;
    const found = await cache.getOrSetMany(keys, (missing) => {
      loads++;
      return load(missing);
    });
    const commands = await Promise.all(observers.map(commandCounts));
    const isRight = keys.every((key) => isDeepStrictEqual(found.get(key), resultRows(key)));
    if (loads > 0 || !isRight) throw new Error(`the batch of the cluster was no hit (${loads} loads)`);
    return `hotpath on a Redis Cluster of three masters: they ran ${commands.map(listCounts).join(' / ')}.`;
  } finally {
    await cache.close();
    client.destroy();
    for (const observer of observers) observer.destroy();
    await cluster.close();
  }
}

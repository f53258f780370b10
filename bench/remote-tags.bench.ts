// A tag that very many entries carry is invalidated: what does the server have to do for it?
import type { CacheBenchSubject } from '../src/cli/cache-bench.js';
import type { Report } from '../src/cli/report.js';
import type { RedisServer } from '../test/services/redis.js';
import { publish } from './publish.js';
import { commandCounts, connectNodeRedis, listCounts } from './remote-clients.js';
import { startRedis, watchCommands } from './remote-server.js';
import { TAG_RECIPES, type TagRecipe } from './remote-tag-caches.js';
import { loadSubject } from './subject.js';

const TAG = 'table:sales';
const CHUNK = 2_000;
const SAMPLE = 1_000;

await publish(async ({ quick }): Promise<Report> => {
  const subject = await loadSubject();
  const [few, many] = quick ? [2_000, 20_000] : [20_000, 1_000_000];
  const results: TagResult[] = [];
  for (const recipe of TAG_RECIPES) results.push(await measure(subject, recipe, few));
  results.push(await measure(subject, TAG_RECIPES[0]!, many));
  const [small, large] = [results[0]!, results.at(-1)!];
  return {
    title: 'Invalidating a tag',
    about:
      'Entries that all carry one tag are written to a Redis of their own through the library; then the tag is invalidated. `commands`: what the ' +
      'server ran for that one call, by `INFO commandstats`, commands of scripts included. `still served`: of 1,000 of the entries, read afterwards. ' +
      '`KEYS, SCAN`: how often they stand in the MONITOR log of the whole run, from the first write to the last read.',
    rows: results.map((result) => ({
      contestant: result.recipe.name,
      version: subject.packages.version(result.recipe.package).replace('?', subject.version),
      entries: result.entries,
      's to fill': result.fillMs / 1_000,
      'ms to invalidate': result.invalidateMs,
      commands: listCounts(result.commands),
      'still served': result.stillServed,
      'KEYS, SCAN': result.sweeps,
    })),
    figures: {
      commandsFew: total(small.commands),
      commandsMany: total(large.commands),
      sweeps: small.sweeps + large.sweeps,
      stillServed: small.stillServed + large.stillServed,
    },
    notes: ['cache-manager has no tags.'],
  };
});

interface TagResult {
  readonly recipe: TagRecipe;
  readonly entries: number;
  readonly fillMs: number;
  readonly invalidateMs: number;
  readonly commands: ReadonlyMap<string, number>;
  readonly stillServed: number;
  readonly sweeps: number;
}

async function measure(subject: CacheBenchSubject, recipe: TagRecipe, entries: number): Promise<TagResult> {
  const server = await startRedis();
  try {
    return await measureOn(server, subject, recipe, entries);
  } finally {
    await server.close();
  }
}

async function measureOn(
  server: RedisServer,
  subject: CacheBenchSubject,
  recipe: TagRecipe,
  entries: number,
): Promise<TagResult> {
  const log = await watchCommands(server);
  const observer = await connectNodeRedis(subject.packages, server.url);
  const cache = await recipe.build(subject, server.url);
  const start = performance.now();
  for (let first = 0; first < entries; first += CHUNK) {
    const size = Math.min(CHUNK, entries - first);
    const ids = Array.from({ length: size }, (_, i) => first + i);
    await cache.fill(
      ids.map((id) => [`sale:${id}`, { id, amount: (id % 1_000) / 10 }] as const),
      TAG,
    );
  }
  const fillMs = performance.now() - start;
  const sample = Array.from({ length: SAMPLE }, (_, i) => `sale:${Math.floor((i * entries) / SAMPLE)}`);
  const served = await countServed(cache.get, sample);
  if (served !== SAMPLE)
    throw new Error(`${recipe.name} serves ${served} of ${SAMPLE} entries before the invalidation.`);
  await commandCounts(observer);
  const before = performance.now();
  await cache.invalidate(TAG);
  const invalidateMs = performance.now() - before;
  const commands = await commandCounts(observer);
  const stillServed = await countServed(cache.get, sample);
  await log.close();
  await cache.close();
  observer.destroy();
  // A log that missed the reads of the sample would also have missed a sweep.
  if (total(log.commands) < 2 * SAMPLE) throw new Error('the MONITOR log is not whole');
  const sweeps = (log.commands.get('keys') ?? 0) + (log.commands.get('scan') ?? 0);
  return { recipe, entries, fillMs, invalidateMs, commands, stillServed, sweeps };
}

async function countServed(get: (key: string) => Promise<unknown>, keys: readonly string[]): Promise<number> {
  let served = 0;
  for (const key of keys) if ((await get(key)) !== undefined) served++;
  return served;
}

function total(commands: ReadonlyMap<string, number>): number {
  return [...commands.values()].reduce((sum, calls) => sum + calls, 0);
}

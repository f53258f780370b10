// What does a hit in Redis cost, when memory has missed: one call after the other, and 64 at once?
import { isDeepStrictEqual } from 'node:util';
import { contest, median, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { publish } from './publish.js';
import type { RemoteContestant } from './remote-contestant.js';
import { OURS, ourRecipe } from './remote-ours.js';
import { ResultLoader, reportKeys, resultRows } from './remote-payload.js';
import { floorRecipe, ioredisFloorRecipe, peerRecipes } from './remote-peers.js';
import { startRedis } from './remote-server.js';
import { loadSubject } from './subject.js';

const KEYS = reportKeys(256);
const AT_ONCE = 64;

await publish(async ({ quick }): Promise<Report> => {
  const subject = await loadSubject();
  const server = await startRedis();
  const loader = new ResultLoader();
  const recipes = [
    floorRecipe(subject.packages),
    ioredisFloorRecipe(subject.packages),
    ourRecipe(subject, '@redis/client'),
    ourRecipe(subject, 'ioredis'),
    ...peerRecipes(subject.packages),
  ];
  const contestants: RemoteContestant[] = [];
  try {
    for (const recipe of recipes) {
      // On the same server: those over Keyv share keys and format, the others have keys of their own.
      const contestant = await recipe.build(server.url, loader.load);
      contestants.push(contestant);
      await fillAndCompare(contestant);
    }
    const options = quick ? { rounds: 3, sliceMs: 100 } : { rounds: 11, sliceMs: 400 };
    const loaded = loader.runs;
    const alone = await contest(contestants.map(oneByOne), options);
    const together = await contest(contestants.map(manyAtOnce), options);
    const floor = contestants[0]!.name;
    const ratio = (times: typeof alone, name: string, base: string) => median(ratios(times, name, base));
    const payload = Buffer.byteLength(JSON.stringify(resultRows(KEYS[0]!)));
    return {
      title: 'A hit in Redis',
      about:
        `${KEYS.length} keys, ${(payload / 1000).toFixed(1)} kB of JSON each, in a Redis on the loopback interface; no memory tier before it. ` +
        `Microseconds a hit: one awaited call after the other, and ${AT_ONCE} calls at once. ${options.rounds} interleaved rounds of ` +
        `${options.sliceMs} ms for each; medians of the rounds, ratios within a round. Values were compared before the clock started.`,
      rows: contestants.map(({ name, version }) => ({
        contestant: name,
        version,
        'µs one by one': median(alone.get(name)!) / 1_000,
        'times the floor': ratio(alone, name, floor),
        [`µs ${AT_ONCE} at once`]: median(together.get(name)!) / 1_000,
        'times the floor, at once': ratio(together, name, floor),
      })),
      figures: {
        oneByOneToFloor: ratio(alone, OURS, floor),
        atOnceToFloor: ratio(together, OURS, floor),
        fastestPeerOneByOne: Math.min(...peersOf(contestants).map((name) => ratio(alone, name, OURS))),
        fastestPeerAtOnce: Math.min(...peersOf(contestants).map((name) => ratio(together, name, OURS))),
      },
      notes: [
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

/** Fills by the library's own write, and reads everything back. */
async function fillAndCompare(contestant: RemoteContestant): Promise<void> {
  for (const key of KEYS) await contestant.write(key, resultRows(key));
  for (const key of KEYS) {
    if (!isDeepStrictEqual(await contestant.read(key), resultRows(key))) {
      throw new Error(`${contestant.name} gave something else for ${key} than was stored.`);
    }
  }
}

function oneByOne(contestant: RemoteContestant) {
  return {
    name: contestant.name,
    operations: KEYS.length,
    run: async () => {
      for (const key of KEYS) await contestant.read(key);
    },
  };
}

function manyAtOnce(contestant: RemoteContestant) {
  return {
    name: contestant.name,
    operations: KEYS.length,
    run: async () => {
      for (let i = 0; i < KEYS.length; i += AT_ONCE) {
        await Promise.all(KEYS.slice(i, i + AT_ONCE).map((key) => contestant.read(key)));
      }
    },
  };
}

function peersOf(contestants: readonly RemoteContestant[]): string[] {
  return contestants.filter(({ kind }) => kind === 'peer').map(({ name }) => name);
}

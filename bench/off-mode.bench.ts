// What does a cache that is switched off add to the call it wraps?
import { contest, median, type RoundTimes } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

const CALLS = 1_000;

await publish(async ({ quick }) => {
  const { CacheManager } = await loadSubject();
  const cache = new CacheManager({ mode: 'off' });
  let runs = 0;
  const load = async (): Promise<number> => ++runs;
  const entries = [
    {
      name: 'the loader alone',
      operations: CALLS,
      async run() {
        for (let i = 0; i < CALLS; i++) await load();
      },
    },
    {
      name: "getOrSet, mode 'off'",
      operations: CALLS,
      async run() {
        for (let i = 0; i < CALLS; i++) await cache.getOrSet('report:1', load);
      },
    },
  ];
  await cache.getOrSet('report:1', load);
  await cache.getOrSet('report:1', load);
  if (runs !== 2) throw new Error(`The loader ran ${runs} times in two calls of a cache that is off.`);
  const times = await contest(entries, quick ? { rounds: 3, sliceMs: 50 } : { rounds: 15, sliceMs: 150 });
  await cache.close();
  return report(times, quick ? 3 : 15);
});

function report(times: RoundTimes, rounds: number): Report {
  const bare = times.get('the loader alone')!;
  const off = times.get("getOrSet, mode 'off'")!;
  const added = off.map((value, round) => value - bare[round]!);
  return {
    title: "What mode 'off' adds to a call",
    about: `An async loader that counts, awaited: alone, and through a cache that is off. ${rounds} interleaved rounds, medians; the difference is taken within each round.`,
    rows: [...times].map(([call, values]) => ({
      call,
      'ns a call': median(values),
      'rounds from': Math.min(...values),
      to: Math.max(...values),
    })),
    figures: { offOverheadNs: median(added) },
    notes: [
      `Added by the cache: ${median(added).toFixed(0)} ns (rounds from ${Math.min(...added).toFixed(0)} to ${Math.max(...added).toFixed(0)}); the target is 50 ns at most.`,
    ],
  };
}

// What does a module that is switched off add to the call it wraps?
import { contest, median, type RoundTimes } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { loadAsync } from './async-subject.js';
import { publish } from './publish.js';
import { loadSubject } from './subject.js';

const CALLS = 1_000;
const CACHE = "getOrSet, mode 'off'";
const PROCESSOR = "AsyncProcessor.run, mode 'off'";

await publish(async ({ quick }) => {
  const { CacheManager } = await loadSubject();
  const { AsyncProcessor } = await loadAsync();
  const cache = new CacheManager({ mode: 'off' });
  const processor = new AsyncProcessor({ mode: 'off', retry: 3, rateLimit: { requestsPerMinute: 1 } });
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
      name: CACHE,
      operations: CALLS,
      async run() {
        for (let i = 0; i < CALLS; i++) await cache.getOrSet('report:1', load);
      },
    },
    {
      name: PROCESSOR,
      operations: CALLS,
      async run() {
        for (let i = 0; i < CALLS; i++) await processor.run(load);
      },
    },
  ];
  await cache.getOrSet('report:1', load);
  await cache.getOrSet('report:1', load);
  await processor.run(load);
  await processor.run(load);
  if (runs !== 4) throw new Error(`The loader ran ${runs} times in four calls of what is off.`);
  const times = await contest(entries, quick ? { rounds: 3, sliceMs: 50 } : { rounds: 15, sliceMs: 150 });
  await Promise.all([cache.close(), processor.close()]);
  return report(times, quick ? 3 : 15);
});

function report(times: RoundTimes, rounds: number): Report {
  const bare = times.get('the loader alone')!;
  const added = (name: string): number[] => times.get(name)!.map((value, round) => value - bare[round]!);
  return {
    title: "What mode 'off' adds to a call",
    about: `An async loader that counts, awaited: alone, through a cache that is off, and through a processor that is off. ${rounds} interleaved rounds, medians; the difference is taken within each round.`,
    rows: [...times].map(([call, values]) => ({
      call,
      'ns a call': median(values),
      'rounds from': Math.min(...values),
      to: Math.max(...values),
    })),
    figures: { offOverheadNs: median(added(CACHE)), offProcessorOverheadNs: median(added(PROCESSOR)) },
    notes: [CACHE, PROCESSOR].map((name) => {
      const ns = added(name);
      return `Added by ${name}: ${median(ns).toFixed(0)} ns (rounds from ${Math.min(...ns).toFixed(0)} to ${Math.max(...ns).toFixed(0)}); the target is 50 ns at most.`;
    }),
  };
}

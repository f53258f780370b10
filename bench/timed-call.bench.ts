// What does timing a call add to it, beside what people install today?
import { fileURLToPath } from 'node:url';
import { contest, median, type RoundTimes } from '../src/cli/contest.js';
import { packagesOf } from '../src/cli/package-source.js';
import type { Report } from '../src/cli/report.js';
import { loadMonitor } from './monitor-subject.js';
import { publish } from './publish.js';

const CALLS = 1_000;
const BARE = 'the function alone, awaited';
const OFF = "monitorPerformance, mode 'off'";

type Call = (n: number) => Promise<number>;

/** The part of prom-client that is used here. */
interface PromClient {
  readonly Registry: new () => object;
  readonly Histogram: new (options: object) => { startTimer(labels?: object): () => void };
}

await publish(async ({ quick }) => {
  const { PerformanceMonitor, monitorPerformance } = await loadMonitor();
  const packages = packagesOf(fileURLToPath(new URL('.', import.meta.url)), (specifier) => import(specifier));
  const monitor = new PerformanceMonitor();
  const off = new PerformanceMonitor({ mode: 'off' });
  let runs = 0;
  const bare: Call = async (n) => {
    runs++;
    return n;
  };
  const calls: Record<string, Call> = {
    [BARE]: bare,
    monitorPerformance: monitorPerformance(monitor, 'plain')(bare),
    'monitorPerformance, 2 labels': monitorPerformance(monitor, 'labelled', { model: 'small', tier: 'pro' })(bare),
    'monitorPerformance, labels by arguments': monitorPerformance(monitor, 'made', ([n]: [number]) => ({
      odd: n % 2 === 1,
    }))(bare),
    'startTimer with two stages': async (n) => {
      const timer = monitor.startTimer('staged');
      timer.stage('retrieve');
      timer.stage('model');
      const result = await bare(n);
      timer.end();
      return result;
    },
    [OFF]: monitorPerformance(off, 'plain')(bare),
    'prom-client startTimer, 2 labels': promClient((await packages.load('prom-client')) as PromClient, bare),
  };
  for (const [name, call] of Object.entries(calls)) {
    const before = runs;
    if ((await call(7)) !== 7 || runs !== before + 1) throw new Error(`${name} changed the call.`);
  }
  if (monitor.getMetricStats('plain')?.count !== 1 || off.getMetricStats('plain') !== null)
    throw new Error('The calls were miscounted.');
  const entries = Object.entries(calls).map(([name, call]) => ({
    name,
    operations: CALLS,
    async run() {
      for (let i = 0; i < CALLS; i++) await call(i);
    },
  }));
  const rounds = quick ? 3 : 11;
  const times = await contest(entries, { rounds, sliceMs: quick ? 50 : 200 });
  await Promise.all([monitor.close(), off.close()]);
  return report(times, rounds, packages.version('prom-client'));
});

function promClient({ Registry, Histogram }: PromClient, bare: Call): Call {
  const histogram = new Histogram({
    name: 'a_seconds',
    help: 'a',
    labelNames: ['model', 'tier'],
    registers: [new Registry()],
  });
  return async (n) => {
    const stop = histogram.startTimer({ model: 'small', tier: 'pro' });
    try {
      return await bare(n);
    } finally {
      stop();
    }
  };
}

function report(times: RoundTimes, rounds: number, promVersion: string): Report {
  const added = (name: string): number =>
    median(times.get(name)!.map((value, round) => value - times.get(BARE)![round]!));
  return {
    title: 'Timing one call',
    about: `An async function that counts, awaited: alone and timed. ${rounds} interleaved rounds, medians; what is added is taken within each round. prom-client ${promVersion}. Ours keeps percentiles by window, the slowest requests in full, and what is in flight; prom-client fills buckets.`,
    rows: [...times].map(([call, values]) => ({ call, 'ns a call': median(values), 'added ns': added(call) })),
    figures: { addedNs: added('monitorPerformance'), offNs: added(OFF) },
  };
}

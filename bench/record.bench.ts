// What does it cost to record a value, beside bare histograms and beside what people install today?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { contest, median, type RoundTimes, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { loadMonitor } from './monitor-subject.js';
import { publish } from './publish.js';
import {
  EMPTY,
  OFF,
  OFF_NAMED,
  OURS,
  OURS_BOUND,
  type RecordContestant,
  recordContestants,
} from './record-contestants.js';
import { RECORDED } from './record-values.js';

const FLOORS = ['hdr-histogram-js, 2 digits', 'hdr-histogram-js, default'];
const run = promisify(execFile);

await publish(async ({ quick }) => {
  const contestants = await recordContestants(await loadMonitor());
  await checkCounts(contestants);
  const entries = contestants.map(({ name, run: record }) => ({ name, operations: RECORDED, run: record }));
  const times = await contest(entries, quick ? { rounds: 3, sliceMs: 50 } : { rounds: 11, sliceMs: 200 });
  for (const contestant of contestants) await contestant.close?.();
  return report(contestants, times, await allocated());
});

/** Everybody has recorded every value, and what is off none. */
async function checkCounts(contestants: readonly RecordContestant[]): Promise<void> {
  for (const contestant of contestants) {
    contestant.run();
    const expected = contestant.name === OFF || contestant.name === OFF_NAMED ? 0 : RECORDED;
    const count = await contestant.count();
    if (count !== expected) throw new Error(`${contestant.name} counted ${count} of ${RECORDED} values.`);
  }
}

async function allocated(): Promise<Record<string, number>> {
  const child = fileURLToPath(new URL('./record-allocation-child.ts', import.meta.url));
  // A young generation so large that it is never collected while the values are recorded.
  const flags = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', '--import', 'tsx'];
  const { stdout } = await run(process.execPath, [...flags, child]);
  return JSON.parse(stdout) as Record<string, number>;
}

function report(contestants: readonly RecordContestant[], times: RoundTimes, bytes: Record<string, number>): Report {
  const at = (name: string): number => median(times.get(name)!);
  const floor = FLOORS.reduce((least, name) => (at(name) < at(least) ? name : least));
  const against = (name: string, base: string): number => median(ratios(times, name, base));
  const off = (name: string): number =>
    median(times.get(name)!.map((value, round) => value - times.get(EMPTY)![round]!));
  return {
    title: 'Recording one value',
    about: `${RECORDED} latencies in a loop, interleaved rounds, medians; the ratio is taken within each round, against the faster bare histogram (${floor}). Bytes: heap used after 200,000 values minus before, without a collection in between, in a process of its own.`,
    rows: contestants.map(({ name, version }) => ({
      recorder: name,
      version,
      'ns a value': at(name),
      'x floor': against(name, floor),
      'bytes a value': Math.max(0, Number(bytes[name]!.toFixed(2))),
    })),
    figures: {
      byFloor: against(OURS, floor),
      boundByFloor: against(OURS_BOUND, floor),
      byPromClient: against(OURS, 'prom-client Histogram'),
      boundByPromClient: against(OURS_BOUND, 'prom-client Histogram, 4 labels, bound'),
      boundByOtel: against(OURS_BOUND, 'OTel SDK histogram, 4 attributes'),
      offNs: off(OFF),
      offNamedNs: off(OFF_NAMED),
    },
    notes: [
      `Beside prom-client's Histogram: ${against(OURS, 'prom-client Histogram').toFixed(2)} x; its Summary: ${against(OURS, 'prom-client Summary').toFixed(3)} x; OTel with 4 attributes, ours bound to 4 labels: ${against(OURS_BOUND, 'OTel SDK histogram, 4 attributes').toFixed(3)} x; native: ${against(OURS, 'perf_hooks createHistogram').toFixed(2)} x.`,
      `Off, less the loop: ${off(OFF).toFixed(1)} ns on a bound series, ${off(OFF_NAMED).toFixed(1)} ns by name.`,
    ],
  };
}

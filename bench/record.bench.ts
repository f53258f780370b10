// What does it cost to record a value, beside bare histograms and beside what people install today?
import { contest, median, type RoundTimes, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { loadMonitor } from './monitor-subject.js';
import { publish } from './publish.js';
import { bytesPerValue } from './record-allocation.js';
import type { RecordContestant } from './record-contestant.js';
import { recordContestants } from './record-contestants.js';
import { checkCounts } from './record-counts.js';
import { fasterFloor } from './record-floors.js';
import { EMPTY, OFF, OFF_NAMED, OURS, OURS_BOUND } from './record-ours.js';
import { RECORDED } from './record-values.js';

await publish(async ({ quick }) => {
  const contestants = await recordContestants(await loadMonitor());
  await checkCounts(contestants);
  const entries = contestants.map(({ name, run: record }) => ({ name, operations: RECORDED, run: record }));
  const times = await contest(entries, quick ? { rounds: 3, sliceMs: 50 } : { rounds: 11, sliceMs: 200 });
  for (const contestant of contestants) await contestant.close?.();
  return report(contestants, times, await bytesPerValue('all', 3));
});

function report(contestants: readonly RecordContestant[], times: RoundTimes, bytes: Record<string, number[]>): Report {
  const at = (name: string): number => median(times.get(name)!);
  const floor = fasterFloor(times);
  const against = (name: string, base: string): number => median(ratios(times, name, base));
  const off = (name: string): number =>
    median(times.get(name)!.map((value, round) => value - times.get(EMPTY)![round]!));
  return {
    title: 'Recording one value',
    about: `${RECORDED} latencies in a loop, interleaved rounds, medians; the ratio is taken within each round, against the faster bare histogram (${floor}). Bytes: heap used after 200,000 values minus before, without a collection in between, in a process of its own; median of three.`,
    rows: contestants.map(({ name, version }) => ({
      recorder: name,
      version,
      'ns a value': at(name),
      'x floor': against(name, floor),
      'bytes a value': Math.max(0, Number(median(bytes[name]!).toFixed(2))),
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

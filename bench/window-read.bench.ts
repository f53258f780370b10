// What does it cost to read percentiles of a full hour, beside hdr-histogram-js over as many slots?
import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { contest, median, type RoundTimes, ratios } from '../src/cli/contest.js';
import type { Report } from '../src/cli/report.js';
import { loadMonitor } from './monitor-subject.js';
import { publish } from './publish.js';
import { recordedMs } from './record-values.js';
import { SteppedClock } from './stepped-clock.js';

const SLOTS = 60;
const OURS = 'hotpath getMetricStats, 1 h';
const HDR = 'hdr-histogram-js: add 60 slots, 4 percentiles';
const OUR_EXPORT = 'hotpath export (one series, with report of it)';
const HDR_EXPORT = 'hdr-histogram-js: encode one';

await publish(async ({ quick }) => {
  const { PerformanceMonitor } = await loadMonitor();
  const clock = new SteppedClock();
  const monitor = new PerformanceMonitor({ clock, units: { ask: 'ms' } });
  const options = {
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3.6e9,
    numberOfSignificantValueDigits: 2,
  } as const;
  const slots: Histogram[] = [];
  const ms = recordedMs();
  for (let slot = 0; slot < SLOTS; slot++) {
    const histogram = build(options);
    for (const value of ms) {
      monitor.recordMetric('ask', value);
      histogram.recordValue(Math.round(value * 1_000));
    }
    slots.push(histogram);
    clock.step(60_000);
  }
  const merged = (): Histogram => {
    const all = build(options);
    for (const slot of slots) all.add(slot);
    return all;
  };
  const ours = monitor.getMetricStats('ask')!;
  const theirs = merged();
  const p95 = theirs.getValueAtPercentile(95) / 1_000;
  if (ours.count !== theirs.totalCount || Math.abs(ours.p95 / p95 - 1) > 0.008)
    throw new Error(`p95 ${ours.p95} is not ${p95}.`);
  let sink = 0;
  const keep = (value: number): void => {
    sink += value;
  };
  const entries = [
    { name: OURS, operations: 1, run: () => keep(monitor.getMetricStats('ask')!.p95) },
    {
      name: HDR,
      operations: 1,
      run: () => {
        const all = merged();
        for (const share of [50, 90, 95, 99]) keep(all.getValueAtPercentile(share));
      },
    },
    { name: OUR_EXPORT, operations: 1, run: () => keep(monitor.export().series.length) },
    { name: HDR_EXPORT, operations: 1, run: () => keep(encodeIntoCompressedBase64(theirs).length) },
  ];
  const times = await contest(entries, quick ? { rounds: 3, sliceMs: 50 } : { rounds: 11, sliceMs: 200 });
  await monitor.close();
  return report(times, sink);
});

function report(times: RoundTimes, sink: number): Report {
  const us = (name: string): number => median(times.get(name)!) / 1_000;
  const against = (name: string, base: string): number => median(ratios(times, name, base));
  if (sink === 0) throw new Error('Nothing was read.');
  return {
    title: 'Reading an hour',
    about: `${SLOTS} slots of 4,096 latencies each: count, mean and four percentiles of all. Results checked equal first; interleaved rounds, medians.`,
    rows: [
      { reader: OURS, us: us(OURS), 'x hdr-histogram-js': against(OURS, HDR) },
      { reader: HDR, us: us(HDR), 'x hdr-histogram-js': 1 },
      { reader: OUR_EXPORT, us: us(OUR_EXPORT), 'x hdr-histogram-js': against(OUR_EXPORT, HDR_EXPORT) },
      { reader: HDR_EXPORT, us: us(HDR_EXPORT), 'x hdr-histogram-js': 1 },
    ],
    figures: { readByHdr: against(OURS, HDR) },
  };
}

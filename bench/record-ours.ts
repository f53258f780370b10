import type * as Monitor from '../src/monitor/index.js';
import type { RecordContestant } from './record-contestant.js';

export const OURS = 'hotpath series.record';
export const OURS_BOUND = 'hotpath series.record, 4 labels, bound';
export const OURS_NAMED = 'hotpath recordMetric';
export const OURS_LABELLED = 'hotpath recordMetric, 4 labels';
export const OFF = 'hotpath series.record, off';
export const OFF_NAMED = 'hotpath recordMetric, off';
export const EMPTY = 'the loop alone';

/** Every way of recording, and the loop that they all run in. */
export function ownRecorders({ PerformanceMonitor }: typeof Monitor, ms: Float64Array): RecordContestant[] {
  const monitor = new PerformanceMonitor();
  const off = new PerformanceMonitor({ mode: 'off' });
  const labels = { operation: 'ask', model: 'small', tenant: 'a', cache: 'miss' };
  const plain = monitor.series('plain', undefined, { unit: 'ms' });
  const bound = monitor.series('bound', labels, { unit: 'ms' });
  const offSeries = off.series('plain', undefined, { unit: 'ms' });
  const countOf =
    (name: string, of = monitor) =>
    () =>
      of.getMetricStats(name)?.count ?? 0;
  let seen = 0;
  const version = '-';
  return [
    {
      name: EMPTY,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) if (ms[i]! > 0) seen++;
      },
      count: () => seen,
    },
    {
      name: OURS,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) plain.record(ms[i]!);
      },
      count: countOf('plain'),
    },
    {
      name: OURS_BOUND,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) bound.record(ms[i]!);
      },
      count: countOf('bound'),
    },
    {
      name: OURS_NAMED,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) monitor.recordMetric('named', ms[i]!);
      },
      count: countOf('named'),
    },
    {
      name: OURS_LABELLED,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) monitor.recordMetric('labelled', ms[i]!, labels);
      },
      count: countOf('labelled'),
      close: () => monitor.close(),
    },
    {
      name: OFF,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) offSeries.record(ms[i]!);
      },
      count: countOf('plain', off),
    },
    {
      name: OFF_NAMED,
      version,
      run: () => {
        for (let i = 0; i < ms.length; i++) off.recordMetric('named', ms[i]!);
      },
      count: countOf('named', off),
      close: () => off.close(),
    },
  ];
}

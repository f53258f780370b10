import type { ProcessSampler } from './process-sampler.js';
import type { Series } from './series.js';
import type { SeriesBook } from './series-book.js';

/** The series that a monitor records of its own process. */
export const PROCESS_SERIES = {
  cpu: 'process_cpu',
  memory: 'process_memory',
  eventLoop: 'event_loop_utilization',
  eventLoopDelay: 'event_loop_delay',
} as const;

/** When a look at the process was due, and when it came. */
export interface LookTiming {
  readonly lateMs: number;
  readonly intervalMs: number;
}

/** A process that was suspended for a night is no busier for it. */
const MOST_INTERVALS = 600;

/**
 * Takes one look at the process, and records it. Memory and delay are as of now; shares of CPU and event loop are over the time
 * since the look before, so they count once for each interval in it, up to 600: their mean and percentiles are over time, however
 * few looks a busy process lets through.
 */
export function watchProcess(sampler: ProcessSampler, series: SeriesBook, { lateMs, intervalMs }: LookTiming): void {
  const reading = sampler.sample();
  const intervals = Math.min(MOST_INTERVALS, 1 + Math.floor(lateMs / intervalMs));
  record(series.get(PROCESS_SERIES.cpu, undefined, 'ratio'), reading.processCpuShare, intervals);
  record(series.get(PROCESS_SERIES.eventLoop, undefined, 'ratio'), reading.eventLoopShare, intervals);
  record(series.get(PROCESS_SERIES.memory, undefined, 'ratio'), reading.memoryShare, 1);
  record(series.get(PROCESS_SERIES.eventLoopDelay, undefined, 'ms'), lateMs, 1);
}

function record(series: Series, value: number, times: number): void {
  for (let i = 0; i < times; i++) series.record(value);
}

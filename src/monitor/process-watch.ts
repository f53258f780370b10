import type { ProcessSampler } from './process-sampler.js';
import type { SeriesBook } from './series-book.js';

/** The series that a monitor records of its own process, one value a tick. */
export const PROCESS_SERIES = {
  cpu: 'process_cpu',
  memory: 'process_memory',
  eventLoop: 'event_loop_utilization',
  eventLoopDelay: 'event_loop_delay',
} as const;

/** Takes one look at the process, and records it. */
export function watchProcess(sampler: ProcessSampler, series: SeriesBook, lateMs: number): void {
  const reading = sampler.sample();
  series.get(PROCESS_SERIES.cpu, undefined, 'ratio').record(reading.processCpuShare);
  series.get(PROCESS_SERIES.eventLoop, undefined, 'ratio').record(reading.eventLoopShare);
  series.get(PROCESS_SERIES.memory, undefined, 'ratio').record(reading.memoryShare);
  series.get(PROCESS_SERIES.eventLoopDelay, undefined, 'ms').record(lateMs);
}

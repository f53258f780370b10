import type { MonitorReader } from '../monitor-reader.js';
import { confidenceIn } from './confidence.js';
import type { Judgement } from './target-result.js';

type Reader = Pick<MonitorReader, 'stats'>;

/** Whether memory stayed below a share of what there is, all through the window. */
export function checkMemoryUsage(target: number, reader: Reader): Judgement {
  const stats = reader.stats('process_memory', { exemplars: 0 });
  return judged(target, stats && { actual: stats.max, samples: stats.count });
}

/**
 * Whether the process was below a share of the CPU it may use, on the average of the window: by CPU time, or by how busy the event
 * loop was, whichever is more. One thread that is busy all the time is at its end, however many cores there are.
 */
export function checkCpuUsage(target: number, reader: Reader): Judgement {
  let busiest: { actual: number; samples: number } | null = null;
  for (const name of ['process_cpu', 'event_loop_utilization']) {
    const stats = reader.stats(name, { exemplars: 0 });
    if (stats && (busiest === null || stats.mean > busiest.actual))
      busiest = { actual: stats.mean, samples: stats.count };
  }
  return judged(target, busiest);
}

function judged(target: number, figure: { actual: number; samples: number } | null): Judgement {
  const fixed = { target, unit: 'ratio', bound: 'max' } as const;
  if (figure === null) {
    return {
      met: null,
      actual: null,
      ...fixed,
      samples: 0,
      confidence: 'low',
      reason: 'the process was not sampled yet',
    };
  }
  const { actual, samples } = figure;
  return { met: actual < target, actual, ...fixed, samples, ...confidenceIn(samples, 'sample') };
}

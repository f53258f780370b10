import { availableParallelism, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

export interface ProcessLoad {
  /** Peak of the larger of heap used by heap limit and resident memory by the memory of the machine or container, 0 to 1. */
  readonly memory: number;
  readonly peakHeapBytes: number;
  readonly peakRssBytes: number;
  /** The larger of event-loop utilisation and process CPU by cores, 0 to 1. */
  readonly cpu: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

const SAMPLE_MS = 50;

/** Watches this process until the returned function is called. */
export function watchProcess(): () => ProcessLoad {
  const heapLimit = getHeapStatistics().heap_size_limit;
  const memoryLimit = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  const loopBefore = performance.eventLoopUtilization();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let peakHeapBytes = 0;
  let peakRssBytes = 0;
  const sample = () => {
    const { heapUsed, rss } = process.memoryUsage();
    peakHeapBytes = Math.max(peakHeapBytes, heapUsed);
    peakRssBytes = Math.max(peakRssBytes, rss);
  };
  const sampler = setInterval(sample, SAMPLE_MS);

  return () => {
    clearInterval(sampler);
    sample();
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuMs = (user + system) / 1_000;
    return {
      memory: Math.max(peakHeapBytes / heapLimit, peakRssBytes / memoryLimit),
      peakHeapBytes,
      peakRssBytes,
      cpu: Math.max(performance.eventLoopUtilization(loopBefore).utilization, cpuMs / wallMs / availableParallelism()),
      cpuMs,
      wallMs,
    };
  };
}

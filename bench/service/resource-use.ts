import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

export interface ResourceUse {
  /** The larger of event-loop utilisation and process CPU time by quota, over the whole window. */
  readonly cpu: number;
  readonly eventLoop: number;
  readonly processCpu: number;
  /** The larger of heap by heap limit and RSS by memory limit, at its highest reading. */
  readonly memory: number;
  readonly heap: number;
  readonly rss: number;
}

/** Watches this process from now on; the returned function ends it and says what was used. */
export function watchResources(intervalMs = 50): () => ResourceUse {
  const loopBefore = performance.eventLoopUtilization();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  let heap = 0;
  let rss = 0;
  const read = (): void => {
    const used = process.memoryUsage();
    heap = Math.max(heap, used.heapUsed / getHeapStatistics().heap_size_limit);
    rss = Math.max(rss, used.rss / memoryLimit());
  };
  read();
  const timer = setInterval(read, intervalMs);
  return () => {
    clearInterval(timer);
    read();
    const eventLoop = performance.eventLoopUtilization(loopBefore).utilization;
    const { user, system } = process.cpuUsage(cpuBefore);
    const processCpu = (user + system) / 1_000 / ((performance.now() - start) * cpuQuota());
    return { cpu: Math.max(eventLoop, processCpu), eventLoop, processCpu, memory: Math.max(heap, rss), heap, rss };
  };
}

/** Bytes this process may take: the container's limit where there is one, else the machine's memory. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit && limit < totalmem() ? limit : totalmem();
}

/** Cores this process may use: the container's quota where there is one, else those of the machine. */
function cpuQuota(): number {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').split(' ').map(Number);
    if (quota && period) return Math.min(quota / period, availableParallelism());
  } catch {
    // No second version of control groups here.
  }
  return availableParallelism();
}

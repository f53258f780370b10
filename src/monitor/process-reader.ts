import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { type LimitReader, systemLimitReader } from '../core/resource-limits.js';

/** Where figures of the process are read. Running totals begin anywhere. */
export interface ProcessReader {
  /** CPU time used so far, of all threads, in milliseconds. */
  cpuMs(): number;
  /** How long this thread's event loop has waited and worked so far, in milliseconds. */
  loop(): { readonly idleMs: number; readonly activeMs: number };
  /** Bytes of live and dead objects in the heap. */
  heapUsed(): number;
  /** Bytes outside of the heap that its objects hold. */
  external(): number;
  /** Bytes of the process in memory. Costs more than the others: it asks the system. */
  rss(): number;
  readonly limits: LimitReader;
}

/** The figures of this process. */
export function systemProcessReader(): ProcessReader {
  return {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    loop: () => {
      const { idle, active } = performance.eventLoopUtilization();
      return { idleMs: idle, activeMs: active };
    },
    // A fifteenth of what process.memoryUsage() takes.
    heapUsed: () => getHeapStatistics().used_heap_size,
    external: () => getHeapStatistics().external_memory,
    rss: () => process.memoryUsage.rss(),
    limits: systemLimitReader(),
  };
}

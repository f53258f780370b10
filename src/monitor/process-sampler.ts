import type { Clock } from '../core/clock.js';
import { InvalidOptionError } from '../core/errors.js';
import { type CpuQuota, cpuQuota, type MemoryLimit, memoryLimit, workingSet } from '../core/resource-limits.js';
import type { ProcessReader } from './process-reader.js';
import type { ResourceReading } from './resource-reading.js';

/** Options of a {@link ProcessSampler}. */
export interface ProcessSamplerOptions {
  /** Memory that the process may take. Default: as the system says. */
  readonly memoryLimitBytes?: number;
}

/** How long figures are good for that are dear to read. */
const MEMORY_MS = 5_000;
const LIMITS_MS = 60_000;

/** What the system says is in use, and when it was read. */
interface MemoryInUse {
  readonly at: number;
  readonly rssBytes: number;
  /** Of the control group whose limit counts: other processes in it, and what the kernel keeps for it, press on that limit too. */
  readonly workingSetBytes: number | undefined;
}

/** Running totals, and when they were read. */
interface Totals {
  readonly at: number;
  readonly cpuMs: number;
  readonly loop: { readonly idleMs: number; readonly activeMs: number };
}

/**
 * Looks at the process when it is told to. CPU and event-loop shares are those since the look before; the first look has those
 * since the sampler was made. Memory that the system has to be asked for is read at most every 5 s, limits at most once a minute.
 */
export class ProcessSampler {
  readonly #reader: ProcessReader;
  readonly #clock: Clock;
  readonly #memoryLimitBytes: number | undefined;
  #before: Totals;
  #processCpuShare = 0;
  #eventLoopShare = 0;
  #memory: MemoryInUse | undefined;
  #limits:
    | { readonly at: number; readonly memory: MemoryLimit; readonly cpu: CpuQuota; readonly heap: number }
    | undefined;
  #last: ResourceReading | null = null;

  /** @throws InvalidOptionError for a `memoryLimitBytes` that is not above 0 */
  constructor(reader: ProcessReader, clock: Clock, options: ProcessSamplerOptions = {}) {
    const { memoryLimitBytes } = options;
    if (memoryLimitBytes !== undefined && !(memoryLimitBytes > 0 && Number.isFinite(memoryLimitBytes))) {
      throw new InvalidOptionError('memoryLimitBytes', 'a number of bytes above 0', memoryLimitBytes);
    }
    this.#reader = reader;
    this.#clock = clock;
    this.#memoryLimitBytes = memoryLimitBytes;
    this.#before = this.#totals(clock.now());
  }

  sample(): ResourceReading {
    const now = this.#clock.now();
    const { memory, cpu, heap } = this.#readLimits(now);
    const { rssBytes, workingSetBytes } = this.#readMemory(now, memory);
    this.#measureShares(now, cpu.cores);
    const heapUsedBytes = this.#reader.heapUsed();
    const inUseBytes = Math.max(rssBytes, workingSetBytes ?? 0);
    const memoryShare = Math.max(shareOf(heapUsedBytes, heap), shareOf(inUseBytes, memory.bytes));
    this.#last = {
      at: now,
      memoryShare,
      heapUsedBytes,
      heapLimitBytes: heap,
      rssBytes,
      ...(workingSetBytes !== undefined && { workingSetBytes }),
      externalBytes: this.#reader.external(),
      limitBytes: memory.bytes,
      limitSource: memory.source,
      cpuShare: Math.max(this.#processCpuShare, this.#eventLoopShare),
      processCpuShare: this.#processCpuShare,
      eventLoopShare: this.#eventLoopShare,
      cores: cpu.cores,
      coresSource: cpu.source,
      level: memoryLevel(memoryShare),
    };
    return this.#last;
  }

  /** The last sample; `null` before the first. */
  last(): ResourceReading | null {
    return this.#last;
  }

  #measureShares(now: number, cores: number): void {
    const { at, cpuMs, loop } = this.#before;
    // Twice at one time: the shares of the look before hold.
    if (now === at) return;
    this.#before = this.#totals(now);
    if (now < at) return;
    this.#processCpuShare = shareOf(this.#before.cpuMs - cpuMs, (now - at) * cores);
    const active = this.#before.loop.activeMs - loop.activeMs;
    const idle = this.#before.loop.idleMs - loop.idleMs;
    if (active + idle > 0) this.#eventLoopShare = shareOf(active, active + idle);
  }

  #totals(at: number): Totals {
    return { at, cpuMs: this.#reader.cpuMs(), loop: this.#reader.loop() };
  }

  #readMemory(now: number, limit: MemoryLimit): MemoryInUse {
    if (!this.#memory || isOld(this.#memory.at, now, MEMORY_MS)) {
      const workingSetBytes = workingSet(this.#reader.limits, limit);
      this.#memory = { at: now, rssBytes: this.#reader.rss(), workingSetBytes };
    }
    return this.#memory;
  }

  #readLimits(now: number): { readonly memory: MemoryLimit; readonly cpu: CpuQuota; readonly heap: number } {
    if (!this.#limits || isOld(this.#limits.at, now, LIMITS_MS)) {
      const { limits } = this.#reader;
      const memory = memoryLimit(limits, this.#memoryLimitBytes);
      this.#limits = { at: now, memory, cpu: cpuQuota(limits), heap: limits.heapLimit() };
    }
    return this.#limits;
  }
}

/** How near a share of memory, 0 to 1, is to its limit. */
export function memoryLevel(share: number): ResourceReading['level'] {
  if (share >= 0.9) return 'critical';
  if (share >= 0.8) return 'high';
  return share >= 0.7 ? 'elevated' : 'normal';
}

/** A host's clock may be set back: then what was read is of no known age. */
function isOld(at: number, now: number, ms: number): boolean {
  return now - at >= ms || now < at;
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

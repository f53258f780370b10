import type { CallMeterStats } from './call-meter.js';
import type { MemoryLevel } from './memory-level.js';
import type { Registered } from './registered.js';

/** Totals of something registered, and how it stands. */
export interface RegisteredStats {
  readonly name: string;
  readonly priority: number;
  /** As it says; `undefined` where it does not. */
  readonly bytes: number | undefined;
  readonly trims: number;
  readonly freedBytes: number;
  /** Trims that threw, or answered nonsense. */
  readonly failures: number;
  /** Trims that did not answer in time. */
  readonly hangs: number;
  /** Time its trims took, in all. */
  readonly trimMs: number;
}

/** Figures of a MemoryManager since it was made. */
export interface MemoryStats {
  readonly level: MemoryLevel;
  readonly isStarted: boolean;
  readonly looks: number;
  readonly levelChanges: number;
  readonly msAtLevel: Readonly<Record<MemoryLevel, number>>;
  /** What is registered, the first to be trimmed first. */
  readonly registered: readonly RegisteredStats[];
  readonly trims: number;
  readonly freedBytes: number;
  /** Collections on purpose, and how long they took. */
  readonly forcedCollections: number;
  readonly forcedCollectionMs: number;
  /** Major collections seen, by whomever they were asked for; only while started, or while leaks or calls are watched. */
  readonly majorCollections: number;
  readonly majorCollectionMs: number;
  /** Alive in the heap after the last major collection that was seen. */
  readonly liveBytes: number | undefined;
  readonly admitted: number;
  readonly refused: number;
  /** Calls under `monitorMemory`. */
  readonly calls: CallMeterStats;
  readonly leaks: number;
  /** What the host should know about its limits. */
  readonly advice: readonly string[];
}

/** How something registered stands. */
export function registeredStats({ name, priority, bytes, totals }: Registered): RegisteredStats {
  const { trims, freedBytes, failures, hangs, ms } = totals;
  return { name, priority, bytes, trims, freedBytes, failures, hangs, trimMs: ms };
}

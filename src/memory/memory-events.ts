import type { CallMemory } from './call-memory.js';
import type { LeakProfile, LeakReport } from './leaks/leak-report.js';
import type { MemoryLevel, MemorySignal } from './memory-level.js';

/** The level has changed. */
export interface LevelChange {
  readonly level: MemoryLevel;
  readonly previous: MemoryLevel;
  /** What drove it. */
  readonly signal: MemorySignal;
  /** Of that signal's limit, 0 to 1 and above. */
  readonly fraction: number;
  /** How fast that signal has been rising of late; below 0 when it falls. 0 at the start, when nothing is known. */
  readonly risingMbPerMinute: number;
  /** When it would reach its limit at this pace; absent when it does not rise. */
  readonly msToLimit?: number;
  readonly rssMb: number;
  readonly heapUsedMb: number;
  readonly externalMb: number;
  readonly heapLimitMb: number;
  readonly limitMb: number;
}

/**
 * What became of a trim. `freed`: it answered, be it with 0. `failed`: it threw. `hung`: it did not answer in time and goes on. `busy`: an earlier
 * one has not answered yet, so it was not asked. `invalid`: its answer is no number of bytes. `observed`: the mode is `observe`, so it
 * was not asked.
 */
export type TrimOutcome = 'freed' | 'failed' | 'hung' | 'busy' | 'invalid' | 'observed';

/** Something registered was asked to give memory back. */
export interface Trim {
  readonly name: string;
  readonly level: MemoryLevel;
  /** Part of its bytes that was asked for. */
  readonly fraction: number;
  /** As it says. */
  readonly freedBytes: number;
  readonly ms: number;
  readonly outcome: TrimOutcome;
}

/** A collection that was asked for. */
export interface ForcedCollection {
  readonly level: MemoryLevel;
  readonly ms: number;
  readonly freedBytes: number;
}

/** What a MemoryManager tells. Data are flat and hold no values of the host. */
export interface MemoryEvents {
  level: LevelChange;
  trim: Trim;
  gc: ForcedCollection;
  leak: LeakReport;
  /** What the sampling profile after a `leak` has found. */
  'leak:profile': LeakProfile;
  /** A call under `monitorMemory` has ended. */
  call: CallMemory;
  /** `admit()` has said no: at most once a second, and at the first yes afterwards, with how often since the last time. */
  shed: { readonly level: MemoryLevel; readonly refused: number };
  /** Something of ours or of a hook failed, and the host's work goes on. */
  error: { readonly error: unknown; readonly during: string };
}

/** Names of all events. */
export const EVENT_NAMES: readonly (keyof MemoryEvents)[] = [
  ...(['level', 'trim', 'gc', 'leak', 'leak:profile', 'call', 'shed', 'error'] as const),
];

import type { MemoryLevel } from './memory-level.js';

/** What the time to the next look depends on. */
export interface PaceFacts {
  readonly intervalMs: number;
  readonly level: MemoryLevel;
  /** Bytes to the limit, and how fast they go. */
  readonly leftBytes: number;
  readonly risingBytesPerMs: number;
}

/** Looks are never nearer together than this. */
const LEAST_MS = 50;
/** From elevated on it is looked this much more often. */
const PRESSED = 4;
/** Looks that shall come before a limit is reached at the present pace. */
const LOOKS_BEFORE_LIMIT = 10;

/** Milliseconds to the next look: the interval while all is calm, less when memory is short or goes fast. */
export function lookDelay({ intervalMs, level, leftBytes, risingBytesPerMs }: PaceFacts): number {
  const usual = level === 'normal' ? intervalMs : intervalMs / PRESSED;
  const toLimit = risingBytesPerMs > 0 ? leftBytes / risingBytesPerMs : Number.POSITIVE_INFINITY;
  return Math.max(LEAST_MS, Math.min(usual, toLimit / LOOKS_BEFORE_LIMIT));
}

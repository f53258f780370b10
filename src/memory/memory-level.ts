/** How near the process is to the end of its memory. */
export type MemoryLevel = 'normal' | 'elevated' | 'high' | 'critical';

/** All levels, the calmest first. */
export const MEMORY_LEVELS: readonly MemoryLevel[] = ['normal', 'elevated', 'high', 'critical'];

/** Shares of the limit, 0 to 1, from which on a level holds: each above the one before. */
export interface LevelThresholds {
  readonly elevated: number;
  readonly high: number;
  readonly critical: number;
}

/** What presses on its limit: the heap on V8's, resident memory or what buffers hold on that of the process. */
export type MemorySignal = 'heap' | 'rss' | 'external';

/** Whether `level` is `least` or worse. */
export function isAtLeast(level: MemoryLevel, least: MemoryLevel): boolean {
  return MEMORY_LEVELS.indexOf(level) >= MEMORY_LEVELS.indexOf(least);
}

/** The level of a share of the limit, on its own. */
export function levelOf(fraction: number, { elevated, high, critical }: LevelThresholds): MemoryLevel {
  if (fraction >= critical) return 'critical';
  if (fraction >= high) return 'high';
  return fraction >= elevated ? 'elevated' : 'normal';
}

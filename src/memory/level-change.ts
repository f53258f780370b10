import type { LevelChange } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import { MB, type MemoryReading } from './memory-usage.js';
import type { Pressure } from './pressure.js';

const MINUTE = 60_000;

/** What is known when the level changes. */
export interface LevelFacts {
  readonly level: MemoryLevel;
  readonly previous: MemoryLevel;
  readonly reading: MemoryReading;
  readonly pressure: Pressure;
  /** How fast what presses has been rising. */
  readonly bytesPerMs: number;
}

/** The event's data. */
export function levelChange({ level, previous, reading, pressure, bytesPerMs }: LevelFacts): LevelChange {
  const left = Math.max(0, pressure.limitBytes - pressure.usedBytes);
  return {
    level,
    previous,
    signal: pressure.signal,
    fraction: pressure.fraction,
    risingMbPerMinute: (bytesPerMs * MINUTE) / MB,
    ...(bytesPerMs > 0 && { msToLimit: left / bytesPerMs }),
    rssMb: reading.rssBytes / MB,
    heapUsedMb: reading.heapUsedBytes / MB,
    externalMb: reading.externalBytes / MB,
    heapLimitMb: reading.heapLimitBytes / MB,
    limitMb: reading.limitBytes / MB,
  };
}

import type { HeapPoint } from './heap-points.ts';

/** What one process of the soak does. */
export interface SoakJob {
  readonly name: string;
  readonly seed: number;
  readonly users: number;
  /** How long a user looks at an answer before asking again, on average. */
  readonly thinkMs: number;
  /** The model is this many times faster than in life. */
  readonly scale: number;
  readonly maxEntries: number;
  /** At least. It goes on until the cache has been renewed once. */
  readonly warmUpMs: number;
  /** After the warm-up. A run with a leak ends soon after the report. */
  readonly soakMs: number;
  /** Of the leak watch. */
  readonly windowMs: number;
  /** Kept for good, from the end of the warm-up on. */
  readonly leakMbPer1000: number;
  /** How often the cache is emptied. Absent: never. */
  readonly emptyEveryMs?: number;
}

/** A leak that the watch has told of. */
export interface ReportedLeak {
  /** In the heap, or in buffers outside of it. */
  readonly what: string;
  /** After the warm-up, when the leak began; -Infinity during the warm-up. */
  readonly afterMs: number;
  readonly mbPerMinute: number;
  readonly lowestMbPerMinute: number;
  readonly highestMbPerMinute: number;
  readonly confidence: number;
  readonly points: number;
  /** What was kept a minute up to then, counted by what keeps it. */
  readonly keptMbPerMinute: number;
}

/** What it was like after the warm-up. Mb are 2^20 bytes. */
export interface SoakResult {
  readonly seconds: number;
  readonly requests: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  /** Requests that the memory manager did not admit. */
  readonly refused: number;
  readonly entries: number;
  readonly cacheMb: number;
  readonly evictions: number;
  readonly hitRate: number;
  readonly emptied: number;
  /** What was alive after the major collections that came about by themselves: the mean of the first quarter of them, and of the last. */
  readonly points: readonly HeapPoint[];
  readonly firstMb: number;
  readonly lastMb: number;
  readonly growth: number;
  /** Alive at the end, after collections on purpose: what the points are checked by. */
  readonly collectedMb: number;
  readonly keptMb: number;
  readonly leaks: readonly ReportedLeak[];
  /** Places that the profile after a report has named, most first. */
  readonly suspects: readonly { readonly name: string; readonly place: string; readonly bytes: number }[];
  /** What the memory manager did in all, the warm-up included. */
  readonly levelChanges: number;
  readonly trims: number;
  readonly collectionsOnPurpose: number;
  readonly troubles: number;
  /** Highest reading, a second apart: of the limit of heap or process, whichever was nearer. */
  readonly peakFraction: number;
  readonly peakHeapMb: number;
  readonly heapLimitMb: number;
  readonly peakRssMb: number;
}

export type FromSoak =
  | { readonly kind: 'progress'; readonly elapsedMs: number; readonly requests: number }
  | { readonly kind: 'result'; readonly result: SoakResult };

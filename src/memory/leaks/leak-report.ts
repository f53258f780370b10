/** What grows: the heap, or what its objects hold outside of it, as buffers do. */
export type LeakKind = 'heap' | 'external';

/** Memory that keeps growing, with the figures that say so. Mb are 2^20 bytes. */
export interface LeakReport {
  readonly what: LeakKind;
  /** What is alive after a major collection has been growing by this much. */
  readonly mbPerMinute: number;
  /** It is at least, and at most, this: each about as sure as the watch's `confidence`, less so where figures go up and down in long waves. */
  readonly lowestMbPerMinute: number;
  readonly highestMbPerMinute: number;
  /** 0 to 1: how sure it is that this is a trend at all. */
  readonly confidence: number;
  /** Growth over the window, as a share of what was alive at its beginning; of buffers, of heap and buffers together. */
  readonly growth: number;
  /** Alive after the last major collection. */
  readonly liveMb: number;
  /** When it would reach the limit at this pace: of the process or its control group, or of the heap where that is nearer. */
  readonly msToLimit: number;
  /** Major collections that it is judged by. */
  readonly points: number;
  /** Time from the first to the last of them. */
  readonly windowMs: number;
}

/** A place in the code that holds memory allocated while a leak was looked into. */
export interface LeakSuspect {
  /** Name of the function, or of the one that V8 has inlined it into; `(anonymous)` where it has none. */
  readonly name: string;
  /** File and line. The working folder is left out, the home folder is `~`. */
  readonly place: string;
  /** Bytes allocated there during the profile and alive at its end, estimated from samples. */
  readonly bytes: number;
}

/**
 * What a sampling heap profile after a suspicion has found. Its end collects the whole heap and stops the thread for it, some 100 ms for a heap of
 * 100 Mb: told by `gc`, counted in `forcedCollections`, and at most once a `gcInterval`. A manager with `gc: 'off'` takes none, unless
 * `profile` is given.
 */
export interface LeakProfile {
  /** The places that hold most, most first. */
  readonly suspects: readonly LeakSuspect[];
  readonly ms: number;
  /** Bytes of all places together. */
  readonly totalBytes: number;
}

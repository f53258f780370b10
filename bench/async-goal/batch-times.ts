/** Times of a batch, in milliseconds. */
export interface BatchTimes {
  readonly sequentialMs: number;
  readonly oursMs: number;
}

/** Of work that waits for others: how long it takes at once, beside what no program could go below. */
export interface WaitTimes extends BatchTimes {
  readonly items: number;
  readonly slots: number;
  /** Of the items that the loop was measured with. Its time is that of all items, by their mean. */
  readonly sequentialItems: number;
  readonly limitMs: number;
  readonly pMapMs: number;
}

/** Starts of calls under a rate limit. */
export interface RateTimes {
  readonly allowed: number;
  readonly windowMs: number;
  readonly starts: number;
  readonly spanMs: number;
  /** Calls by the time between the first and the last, less the first window's, beside what the limit allows. */
  readonly achieved: number;
  /** Most calls that any window held. */
  readonly most: number;
  /** The shortest time in which one call more than allowed began. */
  readonly shortestMs: number;
}

/** Of work that keeps a core busy. */
export interface BusyTimes extends BatchTimes {
  readonly items: number;
  readonly itemMs: number;
  readonly threads: number;
  /** On threads with nothing around them: what the machine gave at the time. */
  readonly bareMs: number;
}

/** How far a batch or stream has come. */
export interface Progress {
  /** Items that have come to an end, failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Items that a checkpoint said were done before. */
  readonly resumed: number;
  /** As the source says (arrays, sets, maps), or as the options do. */
  readonly total: number | undefined;
  /** Items a second, lately. */
  readonly ratePerSecond: number;
  /** Milliseconds to the end at that rate; `undefined` where the total is not known. */
  readonly etaMs: number | undefined;
  /** 95 % of the last 1,024 items took at most so long to run. */
  readonly p95Ms: number | undefined;
  readonly elapsedMs: number;
}

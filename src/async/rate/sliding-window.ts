/** Into how many pieces a window is cut. What it keeps is bounded by it, and at most one part in so many of the limit goes unused. */
const BUCKETS = 6_000;
/** A piece is kept until the last moment of it is a whole window ago: one piece more than the window has. */
const KEPT = BUCKETS + 1;
const FIRST_CAPACITY = 16;

/**
 * Counts the calls and tokens of the last window, exactly by construction: a window is cut into 6,000 buckets, and what was counted in
 * one leaves only when a whole window has passed since its end. So no window, wherever it begins, ever holds more than was let in,
 * and at most 1 in 6,000 of a limit goes unused. (A sliding window log, with the log in buckets.)
 *
 * All moments are milliseconds of one clock; one that went back counts as standing still.
 */
export class SlidingWindow {
  /** In the window, as of the last question. */
  requests = 0;
  tokens = 0;
  readonly #width: number;
  /** Buckets that are not empty, oldest first: a ring. A place is counted up for ever; the ring holds it at its lower bits. */
  #bucketAt: Float64Array = new Float64Array(FIRST_CAPACITY);
  #requestsAt: Float64Array = new Float64Array(FIRST_CAPACITY);
  #tokensAt: Float64Array = new Float64Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #oldest = 0;
  #end = 0;
  #current = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#width = windowMs / BUCKETS;
  }

  /**
   * After how many whole milliseconds one more call of so many tokens fits, 0 for now; Infinity when it does not fit an empty window.
   * Asking again then succeeds if nobody else came.
   */
  msUntil(now: number, tokens: number, maxRequests: number, maxTokens: number): number {
    const current = this.advance(now);
    let requestsOver = this.requests + 1 - maxRequests;
    let tokensOver = this.tokens + tokens - maxTokens;
    if (requestsOver <= 0 && tokensOver <= 0) return 0;
    for (let place = this.#oldest; place < this.#end; place++) {
      const at = place & this.#mask;
      requestsOver -= this.#requestsAt[at]!;
      tokensOver -= this.#tokensAt[at]!;
      if (requestsOver <= 0 && tokensOver <= 0) return this.#msUntilBucket(now, current, this.#bucketAt[at]! + KEPT);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Counts what starts now. Answers with its place, for {@link change}. */
  add(now: number, requests: number, tokens: number): number {
    const current = this.advance(now);
    this.requests += requests;
    this.tokens += tokens;
    const last = (this.#end - 1) & this.#mask;
    if (this.#oldest < this.#end && this.#bucketAt[last] === current) {
      this.#requestsAt[last]! += requests;
      this.#tokensAt[last]! += tokens;
      return this.#end - 1;
    }
    if (this.#end - this.#oldest > this.#mask) this.#grow();
    const at = this.#end & this.#mask;
    this.#bucketAt[at] = current;
    this.#requestsAt[at] = requests;
    this.#tokensAt[at] = tokens;
    return this.#end++;
  }

  /** Changes what was counted at a place; what has left the window stays as it is. */
  change(place: number, requests: number, tokens: number): void {
    if (place < this.#oldest) return;
    this.requests += requests;
    this.tokens += tokens;
    this.#requestsAt[place & this.#mask]! += requests;
    this.#tokensAt[place & this.#mask]! += tokens;
  }

  /** What was counted at a place counts from now on. Answers with its new place. */
  move(now: number, place: number, requests: number, tokens: number): number {
    const current = this.advance(now);
    if (place >= this.#oldest && this.#bucketAt[place & this.#mask] === current) return place;
    this.change(place, -requests, -tokens);
    return this.add(now, requests, tokens);
  }

  /** Lets go of what has left the window. Answers with the bucket of this moment. */
  advance(now: number): number {
    const bucket = Math.floor(now / this.#width);
    if (bucket <= this.#current) return this.#current;
    this.#current = bucket;
    while (this.#oldest < this.#end) {
      const at = this.#oldest & this.#mask;
      if (this.#bucketAt[at]! + KEPT > bucket) return bucket;
      this.requests -= this.#requestsAt[at]!;
      this.tokens -= this.#tokensAt[at]!;
      this.#oldest++;
    }
    this.requests = 0;
    this.tokens = 0;
    return bucket;
  }

  #msUntilBucket(now: number, current: number, due: number): number {
    let ms = Math.max(1, Math.ceil(Math.max(due, current + 1) * this.#width - now));
    // The figures are near 1e12: the sum of two of them may fall just short of a bucket.
    while (Math.floor((now + ms) / this.#width) < due) ms++;
    return ms;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const moved = (from: Float64Array): Float64Array => {
      const to = new Float64Array(capacity);
      for (let place = this.#oldest; place < this.#end; place++) to[place & (capacity - 1)] = from[place & this.#mask]!;
      return to;
    };
    this.#bucketAt = moved(this.#bucketAt);
    this.#requestsAt = moved(this.#requestsAt);
    this.#tokensAt = moved(this.#tokensAt);
    this.#mask = capacity - 1;
  }
}

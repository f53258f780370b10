const WINDOW_MS = 60_000;
const MOST_FAILURES = 20;
const MOST_PEERS = 1_000;
/** Counts for all peers beyond those that are told apart. */
const OTHERS = 'others';

/** Wrong tokens by peer: 20 a minute may be tried. Bounded, whatever comes from however many addresses. */
export class FailedAttempts {
  /** Those that are over first. */
  readonly #peers = new Map<string, { failures: number; readonly until: number }>();

  /** Milliseconds until the peer may try again; 0 when it may. */
  waitMs(peer: string, now: number): number {
    const entry = this.#peers.get(this.#keyOf(peer));
    return entry === undefined || entry.failures < MOST_FAILURES ? 0 : Math.max(0, entry.until - now);
  }

  add(peer: string, now: number): void {
    this.#dropOver(now);
    const key = this.#keyOf(peer);
    const entry = this.#peers.get(key);
    if (entry === undefined) this.#peers.set(key, { failures: 1, until: now + WINDOW_MS });
    else entry.failures++;
  }

  get size(): number {
    return this.#peers.size;
  }

  #keyOf(peer: string): string {
    return this.#peers.has(peer) || this.#peers.size < MOST_PEERS ? peer : OTHERS;
  }

  #dropOver(now: number): void {
    for (const [peer, { until }] of this.#peers) {
      if (until > now) return;
      this.#peers.delete(peer);
    }
  }
}

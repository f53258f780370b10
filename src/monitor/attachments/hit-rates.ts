import { CounterHistory, KEPT_MS } from './counter-history.js';

const RECENT_MS = 60_000;

/**
 * Hit rates of the last minute and the last hour, from the differences of readings. Every rate is a share of all reads, 0 to 1, so
 * that those of the tiers add up; a rate without reads is left out.
 */
export class HitRates {
  readonly #tiers: readonly string[];
  readonly #history: CounterHistory;

  /** @param tiers - their counters are called `memoryHits`, `remoteHits` for `['memory', 'remote']` */
  constructor(tiers: readonly string[]) {
    this.#tiers = tiers;
    this.#history = new CounterHistory(['hits', 'misses', ...tiers.map((tier) => `${tier}Hits`)]);
  }

  /** Takes a reading: `hitRateRecent` and `hitRateHour`, and `memoryHitRateRecent` of each tier that the counters know. */
  add(now: number, counters: Readonly<Record<string, number>>): Record<string, number> {
    this.#history.add(now, counters);
    const rates: Record<string, number> = {};
    const [hits = 0, misses = 0, ...tierHits] = this.#history.since(now - RECENT_MS);
    const reads = hits + misses;
    if (reads > 0) {
      rates['hitRateRecent'] = hits / reads;
      for (const [i, tier] of this.#tiers.entries()) {
        // A tier of a host's own cache may be counted at another moment than all hits.
        if (`${tier}Hits` in counters) rates[`${tier}HitRateRecent`] = Math.min(1, tierHits[i]! / reads);
      }
    }
    const [hourHits = 0, hourMisses = 0] = this.#history.since(now - KEPT_MS);
    if (hourHits + hourMisses > 0) rates['hitRateHour'] = hourHits / (hourHits + hourMisses);
    return rates;
  }
}

import type { DashboardSnapshot } from '../snapshot.js';

const MOST_SLOTS = 120;

/**
 * Requests under way over time. The monitor keeps them at the start of each coarse slot; between those, what the page has seen
 * since it was opened: the most of each slot.
 */
export class FlightLog {
  readonly #seen = new Map<number, number>();

  /** One figure for each point, `null` where nothing is known. */
  read(
    { inFlight, demand, at, pointMs }: DashboardSnapshot,
    points: readonly { readonly at: number }[],
  ): (number | null)[] {
    const slot = Math.floor(at / pointMs) * pointMs;
    this.#seen.set(slot, Math.max(inFlight, this.#seen.get(slot) ?? 0));
    for (const old of [...this.#seen.keys()].slice(0, -MOST_SLOTS)) this.#seen.delete(old);
    const kept = new Map(demand.map((each) => [each.at, each.inFlight]));
    return points.map((point) => this.#seen.get(point.at) ?? kept.get(point.at) ?? null);
  }
}

import type { DashboardSnapshot } from '../snapshot.js';
import { span } from './figures.js';
import { timeOfDay } from './moments.js';

const MOST_SLOTS = 120;
/** Coarse slots of the longest window. */
const COARSE_SLOTS = 60;

/**
 * Requests under way over time. The monitor keeps them at the start of each coarse slot; between those, what the page has seen
 * since it was opened: the most of each slot.
 */
export class FlightLog {
  readonly #seen = new Map<number, number>();
  #since = Number.POSITIVE_INFINITY;

  /** One figure for each point, `null` where nothing is known. */
  read(
    { inFlight, demand, at, pointMs }: DashboardSnapshot,
    points: readonly { readonly at: number }[],
  ): (number | null)[] {
    this.#since = Math.min(this.#since, at);
    const slot = Math.floor(at / pointMs) * pointMs;
    this.#seen.set(slot, Math.max(inFlight, this.#seen.get(slot) ?? 0));
    for (const old of [...this.#seen.keys()].slice(0, -MOST_SLOTS)) this.#seen.delete(old);
    const kept = new Map(demand.map((each) => [each.at, each.inFlight]));
    return points.map((point) => this.#seen.get(point.at) ?? kept.get(point.at) ?? null);
  }

  /** Where the line rests on less than the bars beside it; empty where it does not. */
  note({ at, windowMs, pointMs, longestWindowMs }: DashboardSnapshot): string {
    const coarseMs = longestWindowMs / COARSE_SLOTS;
    if (pointMs >= coarseMs || this.#since <= at - windowMs) return '';
    return `In flight before ${timeOfDay(this.#since)}, when this page was opened: known every ${span(coarseMs)}.`;
  }
}

import type { AlertEvent } from './alert-event.js';

/**
 * The last incidents, one entry each: as it fired, and once it has resolved, as it did. Oldest first.
 *
 * A rule that flaps crowds out its own incidents, not those of others: when it is full, the oldest entry of the rule with the
 * most entries makes room.
 */
export class AlertHistory {
  readonly #most: number;
  #events: AlertEvent[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds an incident, or what has become of it. */
  put(event: AlertEvent): void {
    const known = this.#events.findLastIndex(({ incident }) => incident === event.incident);
    if (known >= 0) {
      this.#events[known] = event;
      return;
    }
    this.#events.push(event);
    if (this.#events.length > this.#most) this.#events.splice(this.#leastMissed(), 1);
  }

  list(): readonly AlertEvent[] {
    return [...this.#events];
  }

  #leastMissed(): number {
    const counts = new Map<string, number>();
    for (const { name } of this.#events) counts.set(name, (counts.get(name) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return this.#events.findIndex(({ name }) => counts.get(name) === most);
  }
}

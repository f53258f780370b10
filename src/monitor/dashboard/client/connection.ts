import { applyDelta } from '../apply-delta.js';
import type { DashboardDelta, DashboardSnapshot } from '../snapshot.js';

/**
 * Where the stream of events stands. `reconnecting`: it has ended, as every stream does after a while, and nothing is known yet;
 * `gone`: nobody answers, and it is tried again; `refused`: somebody answers that this page may not see it.
 */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'gone' | 'refused';

/** What the connection tells. */
export interface ConnectionEvents {
  onSnapshot(snapshot: DashboardSnapshot): void;
  onState(state: ConnectionState): void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
/** News come once a second; without any for so long, the connection is dead, even if nobody has said so. */
const SILENCE_MS = 10_000;

/** Keeps the page up to date over server-sent events, and reconnects for as long as the page is open. */
export class Connection {
  readonly #events: ConnectionEvents;
  #source: EventSource | undefined;
  #snapshot: DashboardSnapshot | undefined;
  #query = '';
  #retryMs = FIRST_RETRY_MS;
  #retry = 0;
  #watch = 0;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Opens the stream, in the place of the one before. */
  open(query: string): void {
    this.#query = query;
    this.#close();
    if (!this.#snapshot) this.#events.onState('connecting');
    const source = new EventSource(`events${query}`);
    this.#source = source;
    this.#expectNews();
    source.addEventListener('snapshot', (event) =>
      this.#take(source, () => JSON.parse(event.data) as DashboardSnapshot),
    );
    source.addEventListener('delta', (event) =>
      this.#take(source, () => this.#snapshot && applyDelta(this.#snapshot, JSON.parse(event.data) as DashboardDelta)),
    );
    source.addEventListener('error', () => this.#lose());
  }

  #take(source: EventSource, read: () => DashboardSnapshot | undefined): void {
    if (source !== this.#source) return;
    const snapshot = read();
    if (!snapshot) return;
    this.#snapshot = snapshot;
    this.#retryMs = FIRST_RETRY_MS;
    this.#expectNews();
    this.#events.onState('live');
    this.#events.onSnapshot(snapshot);
  }

  #expectNews(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lose(), SILENCE_MS);
  }

  /** The browser's own retry gives up on any answer but 200, so it is done here. */
  #lose(): void {
    this.#close();
    this.#events.onState('reconnecting');
    this.#askLater();
  }

  #askLater(): void {
    this.#retry = setTimeout(() => this.#ask(), this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  /** Asks first whether the page is still welcome: a stream that is refused doesn't say why. */
  async #ask(): Promise<void> {
    const status = await fetch('series.json?q=', { cache: 'no-store' }).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 200) return this.open(this.#query);
    this.#events.onState(status === 401 || status === 403 ? 'refused' : 'gone');
    this.#askLater();
  }

  #close(): void {
    clearTimeout(this.#watch);
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }
}

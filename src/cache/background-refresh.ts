import type { CacheState } from './cache-state.js';
import type { CacheEvents } from './events.js';
import type { LoadRun } from './flight.js';
import type { Loading, LoadRequest } from './loading.js';
import type { MemoryEntry } from './memory-entry.js';

/** A refresh that takes longer gives its slot back, so that loaders that hang for ever do not end all refreshing. */
const LONGEST_HOLD_MS = 60_000;

/** Refreshes values behind the backs of their readers, a bounded number at a time. */
export class BackgroundRefresh {
  readonly #state: CacheState;
  readonly #loading: Loading;

  constructor(state: CacheState, loading: Loading) {
    this.#state = state;
    this.#loading = loading;
  }

  /** Starts a refresh unless one runs, too many run, or the loader is being left alone. */
  refresh<R>(entry: MemoryEntry, request: LoadRequest<R>): CacheEvents['stale']['refresh'] {
    const state = this.#state;
    const { options, counters } = state;
    if (entry.trouble && options.clock.now() < entry.trouble.retryAt) return 'backoff';
    if (state.joinable(entry.key, 0)) return 'running';
    if (state.refreshing >= options.maxRefreshes) {
      counters.refreshesSkipped++;
      return 'limit';
    }
    state.refreshing++;
    counters.refreshes++;
    // What stands in the shared tier is what is to be replaced, unless somebody else has done so.
    request.seen ??= entry.shared && [entry.shared.sum];
    const run = this.#loading.start(request);
    run.waiters++;
    state.tellHost(this.#holdSlot(run));
    return 'started';
  }

  /** Takes up a slot until the run has ended, or has hung too long: then its keys are free for another one. */
  #holdSlot(run: LoadRun): Promise<void> {
    const state = this.#state;
    return new Promise((resolve) => {
      let held = true;
      const giveBack = (): void => {
        if (held) state.refreshing--;
        held = false;
        cancel();
        resolve();
      };
      const cancel = state.options.clock.setTimer(() => {
        if (run.phase === 'awaited') run.phase = 'released';
        for (const flight of run.flights) state.flights.release(flight);
        giveBack();
      }, LONGEST_HOLD_MS);
      void Promise.allSettled(run.flights.map((flight) => flight.outcome)).then(giveBack);
    });
  }
}

import type { Clock } from '../core/clock.js';
import type { Flight, FlightTable } from './flight.js';

/** What a wait for a soft deadline ends with. */
class SoftDeadline extends Error {}

/**
 * Waits for a flight. An aborted signal ends this wait with the signal's reason; when the last of a run's callers has
 * left that way, the loader's own signal aborts and the key is free for a new load. A soft deadline just ends the wait.
 */
export function waitFor<V>(
  flight: Flight<V>,
  flights: FlightTable,
  signal: AbortSignal | undefined,
  soft?: { readonly clock: Clock; readonly ms: number },
): Promise<V> {
  const { run, outcome } = flight;
  run.waiters++;
  if (!signal && !soft) return outcome;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      done();
      reject(signal!.reason);
      if (--run.waiters > 0) return;
      run.phase = 'concluded';
      for (const each of run.flights) flights.release(each);
      run.abort(signal!.reason);
    };
    const cancel = soft?.clock.setTimer(() => {
      done();
      reject(new SoftDeadline());
    }, soft.ms);
    const done = (): void => {
      signal?.removeEventListener('abort', leave);
      cancel?.();
    };
    outcome.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
    // The loader may have aborted it in this very call stack: no event would come.
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave);
  });
}

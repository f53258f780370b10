// Imported, so that a host's fake timers do not stop the coarse reading.
import { setImmediate } from 'node:timers';

/** Cancels a timer. Calling it twice, or after the timer ran, does nothing. */
export type CancelTimer = () => void;

/**
 * Where a class takes its time from. All figures are milliseconds since the Unix epoch.
 *
 * `now()` is exact. `coarse()` is the last exact reading, refreshed at most once a macrotask while it is in use: it never
 * runs ahead of `now()` and lags it by one macrotask at the most. Hit paths and counters use `coarse()`.
 */
export interface Clock {
  now(): number;
  coarse(): number;
  /** Runs `fn` once after `delayMs`. Never keeps the process alive. */
  setTimer(fn: () => void, delayMs: number): CancelTimer;
}

/** The longest delay `setTimeout` takes; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Wall-clock time that never steps back: the process start plus the monotonic clock, so that an NTP correction or a
 * clock set by hand neither expires a cache nor keeps it alive.
 */
class SystemClock implements Clock {
  #last = 0;
  #isFresh = false;
  readonly #age = (): void => {
    this.#isFresh = false;
  };

  now(): number {
    this.#last = performance.timeOrigin + performance.now();
    return this.#last;
  }

  coarse(): number {
    if (this.#isFresh) return this.#last;
    this.#isFresh = true;
    // Not unref'd: an idle loop would wait in poll without running it, and what wakes it would read the time of before.
    setImmediate(this.#age);
    return this.now();
  }

  setTimer(fn: () => void, delayMs: number): CancelTimer {
    if (delayMs > LONGEST_TIMEOUT_MS) return this.#setLongTimer(fn, delayMs);
    const timer = setTimeout(fn, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  }

  #setLongTimer(fn: () => void, delayMs: number): CancelTimer {
    let cancel = this.setTimer(() => {
      cancel = this.setTimer(fn, delayMs - LONGEST_TIMEOUT_MS);
    }, LONGEST_TIMEOUT_MS);
    return () => cancel();
  }
}

let shared: Clock | undefined;

/** The clock of the process, made on first use (nothing runs at import). */
export function systemClock(): Clock {
  shared ??= new SystemClock();
  return shared;
}

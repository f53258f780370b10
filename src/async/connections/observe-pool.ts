import { type CancelTimer, type Clock, systemClock } from '../../core/clock.js';
import { type Duration, toMs } from '../../core/duration.js';
import { InvalidOptionError } from '../../core/errors.js';
import { type Closeable, closeOnce } from '../../core/lifecycle.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { type PoolAdvice, poolAdvice } from './pool-advice.js';
import { type PoolGauge, poolGauge } from './pool-gauge.js';
import { PoolSamples } from './pool-samples.js';

/** Options of {@link observePool}. */
export interface ObservePoolOptions {
  /** How often the pool is looked at. Default 100 ms. */
  readonly interval?: Duration;
  /** What is reported on: the last while. At most 100,000 intervals. Default 1 min. */
  readonly window?: Duration;
  /** For tests. Default: the process's clock. */
  readonly clock?: Clock;
}

/** Of now, and of the window. */
export interface PoolStats {
  /** Connections in use now, those that are being opened included. */
  readonly inUse: number;
  readonly idle: number;
  /** Calls that wait for a connection now. */
  readonly waiting: number;
  /** Infinity where the pool has no bound. */
  readonly max: number;
  /** How long a call waited on average, those that found a connection at once included: by Little's law, the calls that waited on average over the calls a millisecond. `undefined` before the first call. */
  readonly waitMs: number | undefined;
  /** How long a call held its connection on average, by the same law. */
  readonly holdMs: number | undefined;
  readonly acquiredPerSecond: number;
  /** The part of the connections that were in use on average, 0 to 1; 0 where the pool has no bound. */
  readonly utilisation: number;
  readonly mostWaiting: number;
}

/** A pool that is looked at. */
export interface ObservedPool extends Closeable {
  stats(): PoolStats;
  /** How many connections it should have, with the evidence. */
  advice(): PoolAdvice;
}

export const OBSERVE_POOL_DEFAULTS: Readonly<{ interval: Duration; window: Duration }> = Object.freeze({
  interval: '100ms',
  window: '1m',
});

const MOST_SAMPLES = 100_000;

/**
 * Watches a connection pool of pg or mysql2 (also of mysql2/promise): how many connections are in use, how long calls wait for
 * one, and how many there should be. It reads the pool's counters at an interval and counts its events; the pool is not changed.
 *
 * Averages are over what was seen at each look: waits far shorter than the interval are right on average over many of them, not
 * one by one. `close()` ends the looks, not the pool.
 *
 * @param pool - a `Pool` of pg, or what `createPool()` of mysql2 or mysql2/promise made
 * @throws InvalidOptionError
 */
export function observePool(pool: object, options: ObservePoolOptions = {}): ObservedPool {
  checkOptions('options', options);
  checkNames('', options, ['interval', 'window', 'clock']);
  const intervalMs = toMs('interval', options.interval ?? OBSERVE_POOL_DEFAULTS.interval, { zero: false });
  const windowMs = toMs('window', options.window ?? OBSERVE_POOL_DEFAULTS.window, { zero: false });
  const samples = Math.ceil(windowMs / intervalMs) + 1;
  if (!(samples <= MOST_SAMPLES)) {
    throw new InvalidOptionError('window', `at most ${MOST_SAMPLES} intervals of ${intervalMs} ms`, options.window);
  }
  return new PoolWatch(poolGauge(pool), new PoolSamples(samples), intervalMs, options.clock ?? systemClock());
}

class PoolWatch implements ObservedPool {
  readonly #gauge: PoolGauge;
  readonly #samples: PoolSamples;
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #events = 0;
  #cancel: CancelTimer = () => {};
  readonly #onTimer = (): void => this.#look();
  readonly close: () => Promise<void> = closeOnce(() => {
    this.#cancel();
    this.#unwatch();
  });

  constructor(gauge: PoolGauge, samples: PoolSamples, intervalMs: number, clock: Clock) {
    this.#gauge = gauge;
    this.#samples = samples;
    this.#intervalMs = intervalMs;
    this.#clock = clock;
    this.#unwatch = gauge.watch(() => {
      this.#events++;
    });
    this.#look();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  stats(): PoolStats {
    const level = this.#gauge.level();
    const seen = this.#samples.summary(this.#gauge.countsQueued);
    const { spanMs, arrivals, acquired } = seen;
    return {
      ...level,
      waitMs: arrivals === 0 ? undefined : (seen.meanWaiting * spanMs) / arrivals,
      holdMs: acquired === 0 ? undefined : (seen.meanInUse * spanMs) / acquired,
      acquiredPerSecond: spanMs === 0 ? 0 : (acquired / spanMs) * 1_000,
      utilisation: level.max === Infinity ? 0 : seen.meanInUse / level.max,
      mostWaiting: seen.mostWaiting,
    };
  }

  advice(): PoolAdvice {
    return poolAdvice(this.#samples.summary(this.#gauge.countsQueued), this.#gauge.level().max);
  }

  #look(): void {
    this.#samples.add(this.#clock.now(), this.#gauge.level(), this.#events);
    this.#cancel = this.#clock.setTimer(this.#onTimer, this.#intervalMs);
  }
}

import type { PoolLevel } from './pool-gauge.js';

/** What samples of a window come to. */
export interface SampleSummary {
  readonly samples: number;
  readonly spanMs: number;
  readonly meanInUse: number;
  readonly meanWaiting: number;
  readonly mostInUse: number;
  readonly mostWaiting: number;
  /** The part of the samples that found every connection in use. */
  readonly fullShare: number;
  /** Calls that came in the span: they took a connection or began to wait. */
  readonly arrivals: number;
  /** Calls that took one. */
  readonly acquired: number;
}

/** Looks at a pool, the last so many of them. A ring: what is older is written over. */
export class PoolSamples {
  readonly #size: number;
  readonly #at: Float64Array;
  readonly #inUse: Uint32Array;
  readonly #waiting: Uint32Array;
  readonly #full: Uint8Array;
  /** Events since the beginning, as of each sample. */
  readonly #events: Float64Array;
  #taken = 0;

  constructor(size: number) {
    this.#size = size;
    this.#at = new Float64Array(size);
    this.#inUse = new Uint32Array(size);
    this.#waiting = new Uint32Array(size);
    this.#full = new Uint8Array(size);
    this.#events = new Float64Array(size);
  }

  /** @param events - calls that took a connection or queued, since the beginning */
  add(now: number, { inUse, waiting, max }: PoolLevel, events: number): void {
    const slot = this.#taken++ % this.#size;
    this.#at[slot] = now;
    this.#inUse[slot] = inUse;
    this.#waiting[slot] = waiting;
    this.#full[slot] = inUse >= max ? 1 : 0;
    this.#events[slot] = events;
  }

  /**
   * @param eventsAreArrivals - whether a call that waits was counted when it queued (mysql2), or is when it gets its turn (pg):
   * the other figure is that one and what the queue has grown by
   */
  summary(eventsAreArrivals: boolean): SampleSummary {
    const kept = Math.min(this.#taken, this.#size);
    const oldest = this.#taken > this.#size ? this.#taken % this.#size : 0;
    // Each look stands for the interval before it. The oldest one only says where the span begins.
    const samples = Math.max(0, kept - 1);
    const sums = { inUse: 0, waiting: 0, full: 0, mostInUse: 0, mostWaiting: 0 };
    let newest = oldest;
    for (let i = 0; i < samples; i++) {
      newest = (newest + 1) % this.#size;
      sums.inUse += this.#inUse[newest]!;
      sums.waiting += this.#waiting[newest]!;
      sums.full += this.#full[newest]!;
      sums.mostInUse = Math.max(sums.mostInUse, this.#inUse[newest]!);
      sums.mostWaiting = Math.max(sums.mostWaiting, this.#waiting[newest]!);
    }
    const events = this.#events[newest]! - this.#events[oldest]!;
    const growth = this.#waiting[newest]! - this.#waiting[oldest]!;
    return {
      samples,
      spanMs: this.#at[newest]! - this.#at[oldest]!,
      meanInUse: sums.inUse / Math.max(1, samples),
      meanWaiting: sums.waiting / Math.max(1, samples),
      mostInUse: sums.mostInUse,
      mostWaiting: sums.mostWaiting,
      fullShare: sums.full / Math.max(1, samples),
      arrivals: Math.max(0, eventsAreArrivals ? events : events + growth),
      acquired: Math.max(0, eventsAreArrivals ? events - growth : events),
    };
  }
}

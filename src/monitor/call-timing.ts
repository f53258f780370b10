import { type CallWatch, nextCall } from '../core/calls/call-watch.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Labels } from './exemplar.js';
import { checkLabels } from './labels.js';
import type { CallLabels } from './monitor-performance.js';
import { ABANDONED, NO_TIMER, type Timer, type TimerEnd } from './timer.js';
import type { TimerBook } from './timer-book.js';

/** Where calls are timed. */
export interface CallTimingParts {
  readonly timers: Pick<TimerBook, 'start'>;
  onTrouble(error: unknown, during: string): void;
}

const NO_ARGS: readonly unknown[] = [];

/** The timing of one call. Never throws: what goes wrong in it is reported, and the call goes on. */
export class CallTiming implements CallWatch {
  readonly order: number = nextCall();
  timer: Timer = NO_TIMER;
  readonly #parts: CallTimingParts;
  readonly #name: string;
  readonly #labels: CallLabels<readonly unknown[], unknown> | undefined;
  #args: readonly unknown[] = NO_ARGS;
  #isOver = false;

  constructor(parts: CallTimingParts, name: string, labels: CallLabels<readonly unknown[], unknown> | undefined) {
    this.#parts = parts;
    this.#name = name;
    this.#labels = labels;
  }

  begin(args: readonly unknown[]): Timer {
    this.#args = args;
    const labels = this.#labels;
    try {
      this.timer = this.#parts.timers.start(this.#name, typeof labels === 'function' ? undefined : labels);
    } catch (error) {
      this.trouble(error);
    }
    return this.timer;
  }

  chunk(): void {
    try {
      this.timer.chunk();
    } catch (error) {
      this.trouble(error);
    }
  }

  /** @param result - what the labels callback is given: what the call answered, `undefined` for a stream */
  succeed(result: unknown): void {
    if (this.#isOver) return;
    this.#end(typeof this.#labels === 'function' ? this.#made(result) : undefined);
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    // Thrown as well, though a timer that ends with one of these has not failed.
    const thrown = error ?? { name: String(error) };
    this.#end({ error: thrown, ...(typeof this.#labels === 'function' && this.#made(undefined)) });
  }

  /**
   * The end can't be seen: timed up to here. As this is less than it takes, it is a population of its own, under the label
   * `ended: 'unwatched'`.
   */
  stop(): void {
    if (this.#isOver) return;
    const made = typeof this.#labels === 'function' ? this.#made(undefined) : undefined;
    this.#end({ labels: { ...made?.labels, ended: 'unwatched' } });
  }

  /**
   * Counted in a series of its own, `<name>_abandoned`: that it happened is a finding, but the time is that of the garbage collector.
   * Without the labels of a callback, which is given the arguments.
   */
  abandonment(): () => void {
    return abandonmentOf(this.timer);
  }

  trouble(error: unknown, during = `timing '${this.#name}'`): void {
    try {
      this.#parts.onTrouble(error, during);
    } catch {
      // A clock of the host's that throws, here as well.
    }
  }

  #end(end: TimerEnd | undefined): void {
    this.#isOver = true;
    // Held no longer than needed.
    this.#args = NO_ARGS;
    try {
      this.timer.end(end);
    } catch (error) {
      this.trouble(error);
    }
  }

  /** Labels that are made of arguments and result are known only when the call ends. */
  #made(result: unknown): { labels?: Labels } {
    try {
      const labels = (this.#labels as (args: readonly unknown[], result: unknown) => Labels)(this.#args, result);
      if (labels instanceof Promise) {
        labels.then(undefined, (error: unknown) => this.#labelTrouble(error));
        throw new InvalidOptionError('labels', 'known at once, not by a promise', labels);
      }
      checkLabels(labels);
      // Read here, so that a getter that throws is told of.
      for (const name in labels) void labels[name];
      return { labels };
    } catch (error) {
      this.#labelTrouble(error);
      return {};
    }
  }

  #labelTrouble(error: unknown): void {
    this.trouble(error, `the labels of '${this.#name}'`);
  }
}

/** How calls under one name are timed. */
export function callTiming(
  parts: CallTimingParts,
  name: string,
  labels: CallLabels<readonly unknown[], unknown> | undefined,
): CallTiming {
  return new CallTiming(parts, name, labels);
}

/** Outside of the class, so that it holds the timer alone. */
function abandonmentOf(timer: Timer): () => void {
  return () => timer.end({ labels: { ended: ABANDONED } });
}

import type { Clock } from '../../core/clock.js';
import { DeadlineError, DeadlineQueue } from '../../core/deadline.js';
import { HotpathError } from '../../core/errors.js';
import { keepAlive } from '../../core/keep-alive.js';
import type { AlertMessage } from './alert-event.js';
import type { ResolvedSink } from './alert-sinks.js';

/** What has become of the messages to one sink. */
export interface SinkStats {
  readonly name: string;
  /** Waiting, the one under way included. */
  readonly queued: number;
  readonly delivered: number;
  /** Given up after the last attempt. */
  readonly failed: number;
  /** Left out because too many waited, or because the monitor was closed before they were delivered. */
  readonly dropped: number;
}

const MOST_QUEUED = 100;
/** The pauses before the second and the third attempt. */
const PAUSES_MS = [1_000, 5_000];
const CLOSE_MS = 2_000;

/**
 * The messages to one sink: one at a time, in order, each tried up to three times. Sinks do not wait for each other, and
 * nobody waits for them.
 */
export class AlertDelivery {
  readonly #sink: ResolvedSink;
  readonly #clock: Clock;
  readonly #deadlines: DeadlineQueue;
  readonly #onTrouble: (error: unknown, during: string) => void;
  /** The first is the one under way while there is a run. */
  readonly #queue: AlertMessage[] = [];
  #run: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #abort: ((reason: Error) => void) | undefined;
  #isClosing = false;
  #isAborted = false;
  #delivered = 0;
  #failed = 0;
  #dropped = 0;

  constructor(sink: ResolvedSink, clock: Clock, onTrouble: (error: unknown, during: string) => void) {
    this.#sink = sink;
    this.#clock = clock;
    this.#deadlines = new DeadlineQueue(clock, sink.timeoutMs);
    this.#onTrouble = onTrouble;
  }

  /** Takes a message. A repeat is left out while another message of its incident waits: it says nothing new. */
  push(message: AlertMessage): void {
    if (this.#isClosing) {
      this.#drop(1, 'because the monitor is closed');
      return;
    }
    if (message.repeated !== undefined && this.#queue.some(({ incident }) => incident === message.incident)) return;
    if (this.#queue.length === MOST_QUEUED) {
      // The first one is under way.
      this.#queue.splice(1, 1);
      this.#drop(1, `because ${MOST_QUEUED} others waited already`);
    }
    this.#queue.push(message);
    this.#run ??= this.#deliverAll();
  }

  stats(): SinkStats {
    const { name } = this.#sink;
    return {
      name,
      queued: this.#queue.length,
      delivered: this.#delivered,
      failed: this.#failed,
      dropped: this.#dropped,
    };
  }

  /** Gives what waits 2 s to be delivered, then aborts; the process lives that long. Takes nothing more from now on. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const run = this.#run;
    if (run === undefined) return;
    const cancel = this.#clock.setTimer(() => this.#abortAll(), CLOSE_MS);
    this.#wake?.();
    await keepAlive(() => run);
    cancel();
  }

  async #deliverAll(): Promise<void> {
    // A sink works after the tick that found the alert, not in it.
    await null;
    for (let next = this.#queue[0]; next !== undefined && !this.#isAborted; next = this.#queue[0]) {
      await this.#deliver(next);
      if (!this.#isAborted) this.#queue.shift();
    }
    this.#run = undefined;
    if (this.#queue.length > 0) {
      this.#drop(this.#queue.length, 'because the monitor was closed before they were delivered');
      this.#queue.length = 0;
    }
  }

  async #deliver(message: AlertMessage): Promise<void> {
    for (const pauseMs of [...PAUSES_MS, undefined]) {
      try {
        await this.#attempt(message);
        this.#delivered++;
        return;
      } catch (error) {
        if (this.#isAborted) return;
        if (pauseMs === undefined) {
          this.#failed++;
          this.#trouble(error);
          return;
        }
        await this.#pause(pauseMs);
        if (this.#isAborted) return;
      }
    }
  }

  /** One attempt, over when it has succeeded, failed or taken too long, whether or not the sink heeds its signal. */
  async #attempt(message: AlertMessage): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const { timeoutMs, send } = this.#sink;
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        this.#abort = (reason) => controller.abort(reason);
        const sent = (async () => {
          await send(message, signal);
        })();
        const late = (): Error => {
          const error = new DeadlineError('send', timeoutMs);
          controller.abort(error);
          return error;
        };
        this.#deadlines.within(sent, late).then(resolve, reject);
      });
    } finally {
      this.#abort = undefined;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(resolve, ms);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #abortAll(): void {
    this.#isAborted = true;
    this.#abort?.(new HotpathError('the monitor is closed', { code: 'CLOSED' }));
    this.#wake?.();
  }

  #drop(count: number, why: string): void {
    this.#dropped += count;
    this.#trouble(
      new HotpathError(`${count === 1 ? 'a message was' : `${count} messages were`} dropped ${why}`, {
        code: 'ALERT_DROPPED',
      }),
    );
  }

  #trouble(error: unknown): void {
    this.#onTrouble(error, `alert sink "${this.#sink.name}"`);
  }
}

import { DeadlineHeap } from '../../src/async/deadline-heap.js';
import type { ManualClock } from '../manual-clock.js';
import type { SeededRandom } from '../random.js';

/** What became of a call. */
export type Answer = 'ok' | 'refused' | 'timeout';

interface ServerOptions {
  /** Calls it works on at once. */
  readonly servers: number;
  /** Calls that may wait for that; one more is refused. */
  readonly queue: number;
  readonly serviceMs: number;
  /** Of the caller, from the start of the call on. What is given up leaves the queue, but not the server that works on it. */
  readonly timeoutMs: number;
  /** The spread of service times: 1 for exponential ones, more for steadier ones (Erlang). Default 1. */
  readonly stages?: number;
}

interface Job {
  answer: ((answer: Answer) => void) | undefined;
}

const REFUSAL_MS = 5;

/** A server of M/M/c/K kind on simulated time, whose size may change: refuses at once beyond its queue, or is too late. */
export class SimulatedServer {
  readonly events: DeadlineHeap;
  servers: number;
  /** Servers at work. */
  busy = 0;
  readonly #options: ServerOptions;
  readonly #random: SeededRandom;
  readonly #waiting: Job[] = [];

  constructor(clock: ManualClock, random: SeededRandom, options: ServerOptions) {
    this.events = new DeadlineHeap(clock, (error) => {
      throw error;
    });
    this.#random = random;
    this.#options = options;
    this.servers = options.servers;
  }

  resize(servers: number): void {
    this.servers = servers;
    this.#work();
  }

  call(answer: (answer: Answer) => void): void {
    const { queue, timeoutMs } = this.#options;
    if (this.busy >= this.servers && this.#waiting.length >= queue) {
      this.events.add(REFUSAL_MS, () => answer('refused'));
      return;
    }
    const job: Job = { answer };
    const deadline = this.events.add(timeoutMs, () => {
      job.answer = undefined;
      const at = this.#waiting.indexOf(job);
      if (at >= 0) this.#waiting.splice(at, 1);
      answer('timeout');
    });
    job.answer = (said) => {
      this.events.cancel(deadline);
      answer(said);
    };
    this.#waiting.push(job);
    this.#work();
  }

  #work(): void {
    while (this.busy < this.servers) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.busy++;
      this.events.add(this.#serviceTime(), () => {
        this.busy--;
        job.answer?.('ok');
        this.#work();
      });
    }
  }

  #serviceTime(): number {
    const { serviceMs, stages = 1 } = this.#options;
    let ms = 0;
    for (let i = 0; i < stages; i++) ms -= (Math.log(1 - this.#random.next()) * serviceMs) / stages;
    return ms;
  }
}

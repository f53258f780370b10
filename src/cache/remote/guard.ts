import type { CircuitBreaker } from '../../core/breaker.js';
import type { Clock } from '../../core/clock.js';
import { DeadlineError, DeadlineQueue } from '../../core/deadline.js';
import { HotpathError } from '../../core/errors.js';

/** The shared tier is being left alone, or there is no connection. Never reaches the host. */
export class SharedTierUnavailableError extends HotpathError {
  constructor() {
    super('the shared tier is not available', { code: 'REMOTE_UNAVAILABLE' });
    this.name = 'SharedTierUnavailableError';
  }
}

/** Why an operation came to nothing. */
export function failureOf(error: unknown): 'breaker' | 'deadline' | 'error' {
  if (error instanceof SharedTierUnavailableError) return 'breaker';
  return error instanceof DeadlineError ? 'deadline' : 'error';
}

/**
 * More operations at a time wait for their turn. A host that writes a hundred thousand values at once would else see the last ones
 * miss their deadline for no fault of the server's.
 */
const MOST_AT_ONCE = 512;

/** Figures of what went through a {@link Guard}. */
export interface GuardCounts {
  readonly errors: number;
  readonly timeouts: number;
  readonly refused: number;
}

/** Gives every operation a deadline and an outcome that the breaker counts, and refuses it at once while that is open. */
export class Guard implements GuardCounts {
  errors = 0;
  timeouts = 0;
  refused = 0;
  /** While the first connection is being made, operations wait for it. */
  arrival: Promise<void> | undefined;
  readonly #breaker: CircuitBreaker;
  readonly #ready: () => boolean;
  readonly #onError: (error: unknown) => void;
  readonly #reads: Lane;
  readonly #writes: Lane;

  constructor(options: {
    readonly clock: Clock;
    readonly breaker: CircuitBreaker;
    readonly ready: () => boolean;
    readonly readMs: number;
    readonly writeMs: number;
    /** Told of every answer that was an error. */
    readonly onError: (error: unknown) => void;
  }) {
    this.#breaker = options.breaker;
    this.#ready = options.ready;
    this.#onError = options.onError;
    this.#reads = laneOf(options.clock, 'a read of the shared tier', options.readMs);
    this.#writes = laneOf(options.clock, 'a write to the shared tier', options.writeMs);
  }

  /** Whether operations go out. */
  get passes(): boolean {
    return this.arrival !== undefined || (this.#breaker.allows && this.#ready());
  }

  /** @param tooLate - gets what comes after the deadline, which the caller no longer waits for */
  read<T>(operation: () => Promise<T>, tooLate?: (value: T) => void): Promise<T> {
    return this.#run(this.#reads, operation, tooLate);
  }

  write<T>(operation: () => Promise<T>): Promise<T> {
    return this.#run(this.#writes, operation, undefined);
  }

  /** For the breaker's own probe: with a deadline, whatever the breaker says. */
  probe<T>(operation: () => Promise<T>): Promise<T> {
    const { queue, late } = this.#writes;
    return queue.within(operation(), late);
  }

  #run<T>(lane: Lane, operation: () => Promise<T>, tooLate: ((value: T) => void) | undefined): Promise<T> {
    if (this.arrival) return this.arrival.then(() => this.#run(lane, operation, tooLate));
    if (lane.running >= lane.most) {
      return new Promise<void>((resolve) => lane.waiting.push(resolve)).then(() => this.#run(lane, operation, tooLate));
    }
    const { queue, late } = lane;
    if (!this.passes) {
      this.refused++;
      // Those behind it are refused as well, each in its turn.
      callNext(lane);
      return Promise.reject(new SharedTierUnavailableError());
    }
    const { pass } = this.#breaker;
    lane.running++;
    return new Promise<T>((resolve, reject) => {
      const deadline = queue.begin(() => {
        end(lane);
        this.timeouts++;
        this.#breaker.failed(pass);
        reject(late());
      });
      operation().then(
        (value) => {
          if (!queue.met(deadline)) {
            // It is answering again.
            this.#breaker.probeNow();
            return tooLate?.(value);
          }
          end(lane);
          this.#breaker.succeeded(pass);
          resolve(value);
        },
        (error: unknown) => {
          if (!queue.met(deadline)) return;
          end(lane);
          this.errors++;
          this.#breaker.failed(pass);
          this.#onError(error);
          reject(error);
        },
      );
    });
  }
}

/** Operations of one kind: how long each may take, and how many at a time. */
interface Lane {
  readonly queue: DeadlineQueue;
  readonly late: () => Error;
  readonly most: number;
  running: number;
  /** Those whose turn comes when others have ended; those before `next` have had it. */
  readonly waiting: (() => void)[];
  next: number;
}

function laneOf(clock: Clock, what: string, ms: number): Lane {
  const queue = new DeadlineQueue(clock, ms);
  return { queue, late: () => new DeadlineError(what, ms), most: MOST_AT_ONCE, running: 0, waiting: [], next: 0 };
}

/** One has ended: the next one's deadline begins now, not when it was asked for. */
function end(lane: Lane): void {
  lane.running--;
  callNext(lane);
}

function callNext(lane: Lane): void {
  const { waiting } = lane;
  const call = waiting[lane.next];
  if (call === undefined) return;
  lane.next++;
  // In one go now and then: taking the first of a long array each time costs its length each time.
  if (lane.next * 2 >= waiting.length) {
    waiting.splice(0, lane.next);
    lane.next = 0;
  }
  call();
}

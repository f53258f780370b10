import type { TinypoolClass, TinypoolLike, WorkerLike } from './tinypool-module.js';
import { WorkerCloneError } from './worker-clone-error.js';
import { WorkerExitError } from './worker-exit-error.js';

/** What a lane stands on. */
export interface LaneParts {
  readonly Tinypool: TinypoolClass;
  /** The module as an absolute path, and the name of its function. */
  readonly filename: string;
  readonly name: string;
  /** Told of what a thread fails with while it has no item. */
  trouble(error: unknown, during: string): void;
}

/**
 * One thread, one item at a time. It is a pool of one, since a pool of several says neither which thread works on what, nor that
 * a thread has ended by itself: its item would never come to an end. The thread starts with the first item; one that broke down is
 * replaced with the next.
 */
export class WorkerLane {
  readonly #parts: LaneParts;
  #pool: TinypoolLike | undefined;
  #thread: WorkerLike | undefined;
  #fail: ((error: unknown) => void) | undefined;
  #ending: Promise<void> | undefined;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Rejects with what the function threw, or with what became of the thread. */
  run(item: unknown, transferList: readonly object[]): Promise<unknown> {
    const { filename, name } = this.#parts;
    if (this.#ending) return Promise.reject(new Error('the lane has ended'));
    this.#pool ??= this.#open();
    const pool = this.#pool;
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const failed = (error: unknown): void =>
        reject(this.#isLost(error, pool) ? new WorkerCloneError(filename) : error);
      pool.run(item, { filename, name, transferList }).then(resolve, failed);
      this.#watch(pool);
    }).finally(() => {
      this.#fail = undefined;
    });
  }

  /** Ends the thread at once, whatever it is at. */
  end(): Promise<void> {
    this.#ending ??= this.#pool?.destroy() ?? Promise.resolve();
    return this.#ending;
  }

  /** The error about what cannot be copied breaks the thread down, and is itself copied as an empty object. */
  #isLost(error: unknown, pool: TinypoolLike): boolean {
    return pool.threads[0] !== this.#thread && !(error instanceof Error);
  }

  #open(): TinypoolLike {
    const pool = new this.#parts.Tinypool({ minThreads: 1, maxThreads: 1 });
    pool.on('error', (error) => this.#parts.trouble(error, 'a worker thread without an item'));
    return pool;
  }

  #watch(pool: TinypoolLike): void {
    const thread = pool.threads[0];
    if (thread === undefined || thread === this.#thread) return;
    this.#thread = thread;
    thread.once('exit', (code) => {
      // A thread that failed has been replaced by then; one that was ended has nothing to say.
      if (this.#thread !== thread || this.#ending) return;
      this.#thread = undefined;
      this.#pool = undefined;
      this.#fail?.(new WorkerExitError(code, this.#parts.filename));
      // Without waiting: it waits for a thread to end, which this one has done already.
      pool.destroy().catch(() => {});
    });
  }
}

import type { Clock } from '../../core/clock.js';
import type { Outcome } from '../outcome.js';
import type { ProgressMeter } from '../progress-meter.js';
import type { ItemSource, Pulled } from './item-source.js';
import type { WorkerLane } from './worker-lane.js';
import type { WorkerSettings } from './worker-options.js';

/** What a run stands on. */
export interface WorkerRunParts {
  lane(): WorkerLane;
  readonly meter: ProgressMeter | undefined;
  readonly clock: Clock;
}

/** Stands for a failed item that is left out. */
const LEFT_OUT = Symbol('left out');

/** One call of `runInWorkers()`. */
export class WorkerRun<Item> {
  readonly #source: ItemSource<Item>;
  readonly #settings: WorkerSettings<Item>;
  readonly #parts: WorkerRunParts;
  readonly #lanes = new Set<WorkerLane>();
  readonly #results: unknown[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ItemSource<Item>, settings: WorkerSettings<Item>, parts: WorkerRunParts) {
    this.#source = source;
    this.#settings = settings;
    this.#parts = parts;
  }

  /** Called once. Resolves, or rejects, when all threads have ended. */
  async results(): Promise<unknown[]> {
    const { signal, threads } = this.#settings;
    const onAbort = (): void => this.#stop(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.all(Array.from({ length: threads }, () => this.#work()));
    signal?.removeEventListener('abort', onAbort);
    await this.#source.stop();
    this.#parts.meter?.finish();
    if (this.#failure) throw this.#failure.error;
    return this.#settings.onError === 'skip' ? this.#results.filter((r) => r !== LEFT_OUT) : this.#results;
  }

  async #work(): Promise<void> {
    const lane = this.#parts.lane();
    this.#lanes.add(lane);
    try {
      while (this.#failure === undefined) {
        const pulled = await this.#source.next();
        if (pulled === undefined || this.#failure !== undefined) break;
        await this.#run(lane, pulled);
      }
    } catch (error) {
      this.#stop(error);
    } finally {
      this.#lanes.delete(lane);
      await lane.end();
    }
  }

  async #run(lane: WorkerLane, { item, index }: Pulled<Item>): Promise<void> {
    const { clock } = this.#parts;
    const began = clock.now();
    let answer: { readonly status: 'fulfilled'; readonly value: unknown } | { status: 'rejected'; reason: unknown };
    try {
      const value = await lane.run(item, this.#settings.transfer?.(item) ?? []);
      answer = { status: 'fulfilled', value };
    } catch (reason) {
      answer = { status: 'rejected', reason };
    }
    // What a thread that was ended failed with is no item's failure.
    if (this.#failure !== undefined) return;
    const runMs = clock.now() - began;
    this.#parts.meter?.settled(answer.status === 'fulfilled', runMs);
    this.#keep({ ...answer, index, item, attempts: 1, queueMs: 0, runMs });
  }

  #keep(outcome: Outcome<Item, unknown>): void {
    const { onError } = this.#settings;
    if (onError === 'settle') this.#results[outcome.index] = outcome;
    else if (outcome.status === 'fulfilled') this.#results[outcome.index] = outcome.value;
    else if (onError === 'skip') this.#results[outcome.index] = LEFT_OUT;
    else this.#stop(outcome.reason);
  }

  /** The first failure stands. Threads end at once, and whoever waits for the source is answered. */
  #stop(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    void this.#source.stop();
    for (const lane of this.#lanes) void lane.end();
  }
}

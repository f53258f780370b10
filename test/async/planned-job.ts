import { expect } from 'vitest';
import type { AsyncProcessor } from '../../src/async/async-processor.js';
import type { Outcome } from '../../src/async/outcome.js';
import type { AsyncProcessorOptions } from '../../src/async/processor-options.js';
import type { OnError } from '../../src/async/work-options.js';
import { CountedSource, upTo } from './counted-source.js';
import { answerTo, type HeldCall, HeldCalls } from './held-calls.js';

export const ITEMS = 14;

/** Slots alone, and beside layers through which each call goes. */
export const LAYERS: readonly AsyncProcessorOptions[] = [
  {},
  {},
  { timeout: '1h' },
  { retry: { attempts: 2, budget: Number.POSITIVE_INFINITY } },
];

/** What a random test does with a processor. */
export interface JobPlan {
  readonly kind: 'process' | 'stream' | 'ordered' | 'run';
  readonly items: number;
  readonly isAsync: boolean;
  readonly onError: OnError;
  readonly group: string;
}

type Item = string;

/** One batch, stream or bundle of calls on a processor, and the book of what its inputs came to. */
export class PlannedJob {
  readonly calls = new HeldCalls<Item>();
  isOver = false;
  readonly #plan: JobPlan;
  readonly #source: CountedSource<Item>;
  readonly #room: number;
  /** What the last call of an item came to: undefined for an answer. */
  readonly #ends = new Map<Item, Error | undefined>();
  readonly #read: unknown[] = [];
  #failure: unknown;
  readonly #items: Item[];

  constructor(id: number, plan: JobPlan, processor: AsyncProcessor, concurrency: number) {
    this.#plan = plan;
    this.#room = concurrency;
    this.#items = Array.from(upTo(plan.items), (i) => `${id}/${i}`);
    this.#source = new CountedSource(this.#items);
    void this.#run(processor).then(
      () => {
        this.isOver = true;
      },
      (error: unknown) => {
        this.#failure = error;
        this.isOver = true;
      },
    );
  }

  end(call: HeldCall<Item>, fails: boolean, error: Error = new Error(call.item)): void {
    this.#ends.set(call.item, fails ? error : undefined);
    if (fails) call.fail(error);
    else call.succeed();
  }

  /** Items that are pulled and have not come to an end. Of a job whose calls are not tried again. */
  get underWay(): number {
    return this.#source.pulled - this.#ends.size;
  }

  /** Memory: no more is pulled than can be under way or wait to be read. */
  checkUnderWay(): void {
    if (this.#plan.kind === 'run') return;
    const done = this.#plan.kind === 'process' ? this.#ends.size : this.#read.length + this.#skipped();
    expect(this.#source.pulled - done).toBeLessThanOrEqual(this.#room);
    expect(this.#source.mostAsked).toBeLessThanOrEqual(1);
  }

  async checkEnd(): Promise<void> {
    const { kind, onError } = this.#plan;
    expect(this.calls.running).toEqual([]);
    const failed = this.#items.filter((item) => this.#ends.get(item) !== undefined);
    if (kind !== 'run' && onError === 'throw' && failed.length > 0) {
      expect(failed.map((item) => this.#ends.get(item))).toContain(this.#failure);
      expect(this.#source.returned).toBe(this.#source.isExhausted ? 0 : 1);
      this.#checkRead(true);
      return;
    }
    expect(this.#failure).toBeUndefined();
    expect(this.#source.returned).toBe(0);
    this.#checkRead(false);
  }

  #checkRead(endsEarly: boolean): void {
    const { kind, onError } = this.#plan;
    if (kind === 'process') {
      if (endsEarly) return;
      const expected = this.#items.map((item, index) => this.#expected(item, index, onError));
      expect(this.#read).toEqual(expected.filter((each) => each !== undefined));
      return;
    }
    const outcomes = this.#read as Outcome<Item, string>[];
    const indices = outcomes.map(({ index }) => index);
    expect(new Set(indices).size).toBe(indices.length);
    const ascending = [...indices].sort((a, b) => a - b);
    if (kind === 'ordered') expect(indices).toEqual(ascending);
    for (const { index, item, ...outcome } of outcomes) {
      expect(item).toBe(this.#items[index]);
      expect(outcome).toMatchObject(facts(this.#ends.get(item), item));
    }
    if (endsEarly) return;
    const shown = [...upTo(this.#items.length)].filter((i) => onError === 'settle' || !this.#ends.get(this.#items[i]!));
    expect(ascending).toEqual(kind === 'run' ? [...upTo(this.#items.length)] : shown);
  }

  #expected(item: Item, index: number, onError: OnError): unknown {
    const error = this.#ends.get(item);
    if (onError === 'settle') return expect.objectContaining({ index, item, ...facts(error, item) });
    return error === undefined ? answerTo(item) : undefined;
  }

  /** Items that came to their end without anything to read. */
  #skipped(): number {
    if (this.#plan.onError === 'settle') return 0;
    return [...this.#ends].filter(([, error]) => error !== undefined).length;
  }

  async #run(processor: AsyncProcessor): Promise<void> {
    const { kind, isAsync, onError, group } = this.#plan;
    const source = isAsync ? this.#source.later : this.#source.sync;
    if (kind === 'run') return this.#runEach(processor);
    if (kind === 'process') {
      this.#read.push(...(await processor.process(source, this.calls.forItem, { onError, group })));
      return;
    }
    const options = { ordered: kind === 'ordered', onError, group };
    for await (const outcome of processor.stream(source, this.calls.forItem, options)) this.#read.push(outcome);
  }

  async #runEach(processor: AsyncProcessor): Promise<void> {
    const { group } = this.#plan;
    await Promise.all(
      this.#items.map(async (item, index) => {
        try {
          const value = await processor.run(this.calls.as(item), { group });
          this.#read.push({ index, item, status: 'fulfilled', value });
        } catch (reason) {
          this.#read.push({ index, item, status: 'rejected', reason });
        }
      }),
    );
  }
}

function facts(error: Error | undefined, item: Item): object {
  return error === undefined ? { status: 'fulfilled', value: answerTo(item) } : { status: 'rejected', reason: error };
}

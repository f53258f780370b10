import { type Duration, toMs } from '../core/duration.js';
import { closeOnce } from '../core/lifecycle.js';
import type { Mode } from '../core/mode.js';
import { AbortFan } from './batching/abort-fan.js';
import type { CallContext } from './call-context.js';
import { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';
import type { DrainReport } from './drain.js';
import { ProcessorClosedError } from './errors.js';
import { Gate } from './gate.js';
import { DirectCalls, type ItemCalls, type ItemFunction, LayeredCalls } from './item-calls.js';
import { Jobs } from './jobs.js';
import { composeParts, observingCaller, type ProcessorParts } from './processor-parts.js';
import type { ProcessorSettings } from './resolve-options.js';
import { runDetails } from './resolve-work.js';
import { UnderWay } from './under-way.js';
import { UnlimitedCaller } from './unlimited-caller.js';
import { WaitingQueue } from './waiting-queue.js';
import type { RunOptions } from './work-options.js';

/** More slots than anybody takes. */
const OPEN = Number.MAX_SAFE_INTEGER;

/** All of a processor but its outside: how calls are made in each mode, what is under way, and the end. */
export class ProcessorState {
  mode: Mode;
  readonly settings: ProcessorSettings;
  readonly parts: ProcessorParts;
  readonly jobs: Jobs;
  /** Of calls that are only observed. */
  readonly openGate: Gate;
  /** Makes calls as the mode says at the time. */
  readonly caller: Caller;
  readonly #observing: Caller;
  readonly #unlimited: Caller = new UnlimitedCaller();
  readonly underWay: UnderWay;
  /** Of batches that are only observed, or let through: bounded as always. */
  readonly #boundedGate: Gate;
  readonly #aborts = new AbortFan();
  /** Batchers with keys that are not sent yet. */
  readonly gathering: Set<{ flush(): void }> = new Set();
  #isClosing = false;

  constructor(settings: ProcessorSettings) {
    this.settings = settings;
    this.mode = settings.mode;
    this.parts = composeParts(settings);
    this.openGate = this.gateOf(OPEN);
    this.#observing = observingCaller(settings, this.parts, this.openGate);
    this.caller = { call: (fn, details, control) => this.#callerNow.call(fn, details, control) };
    const { gate, heap, events } = this.parts;
    this.#boundedGate = this.gateOf(gate.limit);
    this.underWay = new UnderWay(heap, [gate, this.openGate, this.#boundedGate]);
    gate.onRoom = () => this.underWay.grow();
    this.jobs = new Jobs({
      clock: settings.clock,
      underWay: this.underWay,
      trouble: (error, during) => events.trouble(error, during),
      checkOpen: () => this.checkOpen(),
    });
  }

  /** @throws ProcessorClosedError */
  checkOpen(): void {
    if (this.#isClosing) throw new ProcessorClosedError(this.settings.name);
  }

  run<R>(fn: (context: CallContext) => R | PromiseLike<R>, options: RunOptions | undefined): Promise<R> {
    const { direct } = this.parts;
    if (options === undefined && direct !== undefined && this.mode === 'on' && !this.#isClosing) {
      return direct.run(fn, runDetails(undefined), this.underWay.running);
    }
    return this.#runWith(fn, options);
  }

  async #runWith<R>(fn: (context: CallContext) => R | PromiseLike<R>, options: RunOptions | undefined): Promise<R> {
    this.checkOpen();
    const details = runDetails(options);
    const signal = options?.signal;
    const { direct } = this.parts;
    if (direct !== undefined && this.mode === 'on' && signal === undefined && details.timeoutMs === undefined) {
      return direct.run(fn, details, this.underWay.running);
    }
    const control = new CallControl(signal !== undefined);
    if (signal?.aborted) throw signal.reason;
    if (signal === undefined) return this.tracked(fn, details, control);
    const onAbort = (reason: unknown): void => control.abort(reason);
    this.#aborts.add(signal, onAbort);
    try {
      return await this.tracked(fn, details, control);
    } finally {
      this.#aborts.remove(signal, onAbort);
    }
  }

  /** A call that the end of the processor waits for, and stops. */
  async tracked<R>(
    fn: (context: CallContext) => R | PromiseLike<R>,
    details: CallDetails,
    control: CallControl,
  ): Promise<R> {
    this.underWay.begin(control);
    try {
      return await this.caller.call(fn, details, control);
    } finally {
      this.underWay.end(control);
    }
  }

  /** Work beside the calls that the end of the processor waits for, and stops by the signal it is given. */
  async untilStopped<R>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const controller = new AbortController();
    const control = new CallControl(true);
    control.onAbort = () => controller.abort(control.reason);
    this.underWay.begin(control);
    const onAbort = (reason: unknown): void => control.abort(reason);
    if (signal?.aborted) control.abort(signal.reason);
    else if (signal) this.#aborts.add(signal, onAbort);
    try {
      return await work(controller.signal);
    } finally {
      if (signal) this.#aborts.remove(signal, onAbort);
      this.underWay.end(control);
    }
  }

  /** How the items of a batch are called, and which gate bounds it. */
  itemCalls<Item, Result>(
    fn: ItemFunction<Item, Result>,
    details: CallDetails,
    tokens: ((item: Item) => number) | undefined,
  ): { readonly gate: Gate; readonly calls: ItemCalls<Item, Result> } {
    const { gate, counts, direct } = this.parts;
    const { clock } = this.settings;
    if (this.mode !== 'on') {
      return {
        gate: this.batchGate,
        calls: new DirectCalls(fn, details, this.mode === 'off' ? undefined : counts, clock),
      };
    }
    const isDirect = direct !== undefined && details.timeoutMs === undefined;
    return {
      gate,
      calls: isDirect
        ? new DirectCalls(fn, details, counts, clock)
        : new LayeredCalls(this.parts.layered, fn, details, tokens, counts),
    };
  }

  /** What bounds a batch. While the processor is off or observes, as many at once as always: a batch without any bound would be another thing. */
  get batchGate(): Gate {
    const { gate } = this.parts;
    if (this.mode === 'on') return gate;
    this.#boundedGate.limit = gate.limit;
    return this.#boundedGate;
  }

  /** Calls that are under way beside the gate of the layers. */
  get activeElsewhere(): number {
    return this.openGate.active + this.#boundedGate.active;
  }

  /** A gate with slots and nothing else. */
  gateOf(limit: number): Gate {
    const { clock } = this.settings;
    const queue = new WaitingQueue({ max: OPEN, policy: 'reject', ageingMs: Number.POSITIVE_INFINITY });
    return new Gate({ limit, queue, limiter: undefined, breaker: undefined, heap: this.parts.heap, clock });
  }

  async drain(timeout: Duration | undefined): Promise<DrainReport> {
    const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : toMs('timeout', timeout);
    const { counts } = this.parts;
    const { completed, failed } = counts;
    this.#flush();
    const isIdle = await this.underWay.waitForIdle(timeoutMs);
    if (!isIdle) {
      const error = new ProcessorClosedError(
        this.settings.name,
        `was drained for ${timeoutMs} ms, which was not enough`,
      );
      this.underWay.stopAll(error);
      await this.underWay.waitForIdle(this.settings.graceMs);
    }
    return { completed: counts.completed - completed, failed: counts.failed - failed, aborted: !isIdle };
  }

  readonly close: () => Promise<void> = closeOnce(async () => {
    this.#flush();
    this.#isClosing = true;
    const { name, closeTimeoutMs, graceMs } = this.settings;
    const { gate, limiter, breaker, heap, events } = this.parts;
    if (!(await this.underWay.waitForIdle(closeTimeoutMs))) {
      this.underWay.stopAll(new ProcessorClosedError(name, 'stopped what was under way'));
      await this.underWay.waitForIdle(graceMs);
    }
    // Streams that wait for their readers are not under way.
    this.underWay.stopAll(new ProcessorClosedError(name));
    gate.close();
    breaker?.close();
    await limiter?.close().catch((error: unknown) => events.trouble(error, 'the end of the rate limit'));
    this.underWay.giveUp();
    heap.close();
  });

  /** Keys that wait for others to come are not to be left behind. */
  #flush(): void {
    for (const batcher of [...this.gathering]) batcher.flush();
  }

  get #callerNow(): Caller {
    if (this.mode === 'off') return this.#unlimited;
    return this.mode === 'observe' ? this.#observing : this.parts.layered;
  }
}

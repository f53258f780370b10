import { type Duration, toMs } from '../core/duration.js';
import { closeOnce } from '../core/lifecycle.js';
import type { Mode } from '../core/mode.js';
import type { CallContext } from './call-context.js';
import { CallControl } from './call-control.js';
import type { CallDetails, Caller } from './caller.js';
import type { DrainReport } from './drain.js';
import { ProcessorClosedError } from './errors.js';
import { Gate } from './gate.js';
import { DirectCalls, type ItemCalls, type ItemFunction, LayeredCalls } from './item-calls.js';
import { Jobs, type RunningPump } from './jobs.js';
import { LinkedList } from './linked-list.js';
import { composeParts, observingCaller, type ProcessorParts } from './processor-parts.js';
import type { ProcessorSettings } from './resolve-options.js';
import { runDetails } from './resolve-work.js';
import { UnlimitedCaller } from './unlimited-caller.js';
import type { Waiter } from './waiter.js';
import type { WaitingCall } from './waiting-call.js';
import { WaitingQueue } from './waiting-queue.js';
import { WeakCollection } from './weak-collection.js';
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
  readonly #calls = new Set<CallControl>();
  /** Direct calls whose function runs: those that wait are in the queue. */
  readonly #running = new LinkedList<Waiter>();
  /** Weak, so that a stream that somebody has begun to read and dropped is not kept. What is under way keeps itself. */
  readonly #pumps = new WeakCollection<RunningPump>();
  /** Batchers with keys that are not sent yet. */
  readonly gathering: Set<{ flush(): void }> = new Set();
  readonly #idleWaiters: (() => void)[] = [];
  #isClosing = false;

  constructor(settings: ProcessorSettings) {
    this.settings = settings;
    this.mode = settings.mode;
    this.parts = composeParts(settings);
    this.openGate = this.gateOf(OPEN);
    this.#observing = observingCaller(settings, this.parts, this.openGate);
    this.caller = { call: (fn, details, control) => this.#callerNow.call(fn, details, control) };
    this.parts.gate.onRoom = () => {
      for (const pump of this.#pumps) pump.grow();
    };
    this.parts.gate.onIdle = () => this.#tellIfIdle();
    this.openGate.onIdle = () => this.#tellIfIdle();
    const { events } = this.parts;
    this.jobs = new Jobs({
      clock: settings.clock,
      trouble: (error, during) => events.trouble(error, during),
      checkOpen: () => this.checkOpen(),
      register: (pump) => {
        this.#pumps.add(pump);
      },
      rested: () => this.#tellIfIdle(),
      over: (pump) => {
        this.#pumps.delete(pump);
        this.#tellIfIdle();
      },
    });
  }

  /** @throws ProcessorClosedError */
  checkOpen(): void {
    if (this.#isClosing) throw new ProcessorClosedError(this.settings.name);
  }

  run<R>(fn: (context: CallContext) => R | PromiseLike<R>, options: RunOptions | undefined): Promise<R> {
    const { direct } = this.parts;
    if (options === undefined && direct !== undefined && this.mode === 'on' && !this.#isClosing) {
      return direct.run(fn, runDetails(undefined), this.#running);
    }
    return this.#runWith(fn, options);
  }

  async #runWith<R>(fn: (context: CallContext) => R | PromiseLike<R>, options: RunOptions | undefined): Promise<R> {
    this.checkOpen();
    const details = runDetails(options);
    const signal = options?.signal;
    const { direct } = this.parts;
    if (direct !== undefined && this.mode === 'on' && signal === undefined && details.timeoutMs === undefined) {
      return direct.run(fn, details, this.#running);
    }
    const control = new CallControl(signal !== undefined);
    if (signal?.aborted) throw signal.reason;
    const onAbort = signal && ((): void => control.abort(signal.reason));
    if (onAbort) signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.tracked(fn, details, control);
    } finally {
      if (onAbort) signal.removeEventListener('abort', onAbort);
    }
  }

  /** A call that the end of the processor waits for, and stops. */
  async tracked<R>(
    fn: (context: CallContext) => R | PromiseLike<R>,
    details: CallDetails,
    control: CallControl,
  ): Promise<R> {
    this.#calls.add(control);
    try {
      return await this.caller.call(fn, details, control);
    } finally {
      this.#calls.delete(control);
      if (this.#idleWaiters.length > 0) this.#tellIfIdle();
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
      // As many at once as always: a batch without any bound would be another thing.
      const bounded = this.gateOf(gate.limit);
      return { gate: bounded, calls: new DirectCalls(fn, details, this.mode === 'off' ? undefined : counts, clock) };
    }
    const isDirect = direct !== undefined && details.timeoutMs === undefined;
    return {
      gate,
      calls: isDirect
        ? new DirectCalls(fn, details, counts, clock)
        : new LayeredCalls(this.parts.layered, fn, details, tokens),
    };
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
    const isIdle = await this.#waitForIdle(timeoutMs);
    if (!isIdle) {
      const error = new ProcessorClosedError(
        this.settings.name,
        `was drained for ${timeoutMs} ms, which was not enough`,
      );
      this.#stopAll(error);
      await this.#waitForIdle(this.settings.graceMs);
    }
    return { completed: counts.completed - completed, failed: counts.failed - failed, aborted: !isIdle };
  }

  readonly close: () => Promise<void> = closeOnce(async () => {
    this.#flush();
    this.#isClosing = true;
    const { name, closeTimeoutMs, graceMs } = this.settings;
    const { gate, queue, limiter, breaker, heap, events } = this.parts;
    if (!(await this.#waitForIdle(closeTimeoutMs))) {
      this.#stopAll(new ProcessorClosedError(name, 'stopped what was under way'));
      await this.#waitForIdle(graceMs);
    }
    // Streams that wait for their readers are not under way.
    this.#stopAll(new ProcessorClosedError(name));
    queue.drainAll(new ProcessorClosedError(name));
    gate.close();
    breaker?.close();
    await limiter?.close().catch((error: unknown) => events.trouble(error, 'the end of the rate limit'));
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

  get #isIdle(): boolean {
    if (this.#calls.size > 0 || this.parts.gate.active + this.openGate.active > 0 || this.parts.gate.queued > 0)
      return false;
    for (const pump of this.#pumps) if (pump.isBusy) return false;
    return true;
  }

  /** False when the time was up before. */
  #waitForIdle(ms: number): Promise<boolean> {
    if (this.#isIdle) return Promise.resolve(true);
    return new Promise((resolve) => {
      const { heap } = this.parts;
      const deadline = heap.add(ms, () => {
        this.#idleWaiters.splice(this.#idleWaiters.indexOf(tell), 1);
        resolve(false);
      });
      const tell = (): void => {
        heap.cancel(deadline);
        resolve(true);
      };
      this.#idleWaiters.push(tell);
    });
  }

  #tellIfIdle(): void {
    if (this.#idleWaiters.length === 0 || !this.#isIdle) return;
    for (const tell of this.#idleWaiters.splice(0)) tell();
  }

  #stopAll(error: Error): void {
    for (const control of this.#calls) control.abort(error);
    for (let call = this.#running.head; call !== undefined; ) {
      // It may leave by being aborted.
      const { next } = call;
      (call as WaitingCall).abort(error);
      call = next;
    }
    this.parts.queue.drainAll(error);
    for (const pump of this.#pumps) pump.stop({ error, from: 'outside' });
  }
}

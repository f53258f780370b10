import type { RateLimitStore, StoreAnswer, WindowLimits } from '../../../src/async/rate/rate-limit-store.js';
import { SlidingWindow } from '../../../src/async/rate/sliding-window.js';
import type { EventClock } from './event-clock.js';

/** What a store does with a question: answers, says that it is not there, or says nothing until it is well again. */
export type Health = 'well' | 'refuses' | 'hangs';

/** A store in memory with the rules of the real one, that can be lost in every way. One key. */
export class MemoryStore implements RateLimitStore {
  health: Health = 'well';
  /** How long an answer takes, on its way back. */
  latencyMs: () => number = () => 0;
  readonly calls = { reserve: 0, settle: 0, coolDown: 0, close: 0 };
  readonly seenLimits: WindowLimits[] = [];
  readonly #clock: EventClock;
  readonly #seen = new Map<string, number>();
  #window: SlidingWindow | undefined;
  #epoch = 1;
  #coolUntil = 0;
  #held: (() => void)[] = [];

  constructor(clock: EventClock) {
    this.#clock = clock;
  }

  get requests(): number {
    this.#window?.advance(this.#clock.now());
    return this.#window?.requests ?? 0;
  }

  get tokens(): number {
    this.#window?.advance(this.#clock.now());
    return this.#window?.tokens ?? 0;
  }

  loseCounts(): void {
    this.#window = undefined;
    this.#epoch++;
  }

  /** What it was asked while it hung, it does now. */
  recover(): void {
    this.health = 'well';
    for (const go of this.#held.splice(0)) go();
  }

  async reserve(_key: string, processId: string, tokens: number, limits: WindowLimits): Promise<StoreAnswer> {
    this.calls.reserve++;
    this.seenLimits.push(limits);
    return this.#answer((): StoreAnswer => {
      const now = this.#clock.now();
      this.#window ??= new SlidingWindow(limits.windowMs);
      this.#seen.set(processId, now);
      for (const [id, at] of this.#seen) if (at < now - 60_000) this.#seen.delete(id);
      const limitsMs = this.#window.msUntil(now, tokens, limits.requests, limits.tokens);
      const waitMs = Math.max(this.#coolUntil - now, limitsMs);
      const place = waitMs > 0 ? undefined : this.#window.add(now, 1, tokens);
      const usage = {
        requests: this.#window.requests,
        tokens: this.#window.tokens,
        processes: this.#seen.size,
        epoch: `${this.#epoch}`,
      };
      if (place === undefined) return { granted: false, waitMs, usage };
      return { granted: true, ticket: `${this.#epoch}:${place}`, usage };
    });
  }

  async settle(
    _key: string,
    ticket: string,
    change: { requests: number; tokens: number },
    limits: WindowLimits,
  ): Promise<void> {
    this.calls.settle++;
    await this.#answer(() => {
      const now = this.#clock.now();
      this.#window ??= new SlidingWindow(limits.windowMs);
      const [epoch, place] = ticket.split(':');
      const less = (amount: number): number => Math.min(0, amount);
      if (epoch === `${this.#epoch}`) this.#window.change(Number(place), less(change.requests), less(change.tokens));
      this.#window.add(now, Math.max(0, change.requests), Math.max(0, change.tokens));
    });
  }

  async coolDown(_key: string, ms: number): Promise<void> {
    this.calls.coolDown++;
    await this.#answer(() => {
      this.#coolUntil = this.#clock.now() + ms;
    });
  }

  async close(): Promise<void> {
    this.calls.close++;
  }

  async #answer<T>(act: () => T): Promise<T> {
    if (this.health === 'hangs') await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.health === 'refuses') throw new Error('connection refused');
    const answer = act();
    const ms = this.latencyMs();
    if (ms > 0) await this.#clock.sleep(ms);
    return answer;
  }
}

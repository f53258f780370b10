import { HeaderBudget } from './header-budget.js';
import { headerLimits, type LimitReading } from './header-limits.js';
import type { HeaderSource } from './header-source.js';
import { Pace } from './pace.js';
import type { WindowLimits } from './rate-limit-store.js';
import { SlidingWindow } from './sliding-window.js';

/** No call has more, whatever its host says: sums of numbers up to it stay exact. */
const MOST_TOKENS = 2 ** 40;

/** Of what a service's headers name. */
const MINUTE_MS = 60_000;

/** Tokens as they are counted: whole ones, rounded up; `undefined` for what is no amount. */
export function wholeTokens(tokens: number): number | undefined {
  return tokens >= 0 && tokens < Number.POSITIVE_INFINITY ? Math.min(MOST_TOKENS, Math.ceil(tokens)) : undefined;
}

/** What this process may start and has started: its sliding window, its pace, and what the service's headers leave. */
export class Allowance {
  readonly window: SlidingWindow;
  readonly #limits: WindowLimits;
  readonly #pace: Pace | undefined;
  #requests: HeaderBudget | undefined;
  #tokens: HeaderBudget | undefined;
  #started = 0;
  #observed = 0;
  #ended = 0;
  #countedSince = 0;
  readonly #seen = new WeakSet<HeaderSource>();

  constructor(limits: WindowLimits, spread: boolean) {
    this.#limits = limits;
    this.window = new SlidingWindow(limits.windowMs);
    this.#pace = spread ? new Pace(limits.windowMs) : undefined;
  }

  /** The limits with what headers say of them. One call that is larger than the service's own limit is left to the service to judge. */
  limitsFor(tokens: number): { requests: number; tokens: number } {
    const { windowMs, ...own } = this.#limits;
    // A longer window holds more than a minute does.
    if (windowMs > MINUTE_MS) return { requests: own.requests, tokens: own.tokens };
    return {
      requests: Math.min(own.requests, this.#requests?.limit ?? Number.POSITIVE_INFINITY),
      tokens: Math.min(own.tokens, Math.max(tokens, this.#tokens?.limit ?? Number.POSITIVE_INFINITY)),
    };
  }

  /** After how many whole milliseconds such a call may start, 0 for now. Infinity where the limits are too small for it. */
  msUntil(now: number, tokens: number, maxRequests: number, maxTokens: number): number {
    const requests = this.#requests;
    if (requests === undefined && this.#pace === undefined) {
      return this.window.msUntil(now, tokens, maxRequests, maxTokens);
    }
    const said = this.limitsFor(tokens);
    return Math.max(
      this.window.msUntil(now, tokens, Math.min(maxRequests, said.requests), Math.min(maxTokens, said.tokens)),
      this.#pace?.msUntil(now) ?? 0,
      requests?.msUntil(now, 1) ?? 0,
      this.#tokens?.msUntil(now, tokens) ?? 0,
    );
  }

  /** Counts a call that starts now. Answers with its place in the window. */
  start(now: number, tokens: number): number {
    this.#started++;
    this.#pace?.started(now, Math.max(1 / this.#limits.requests, tokens / this.#limits.tokens));
    this.#requests?.take(now, 1);
    this.#tokens?.take(now, tokens);
    return this.window.add(now, 1, tokens);
  }

  /** A call that was counted starts only now, as the process was busy meanwhile. Answers with its new place. */
  restart(now: number, place: number, tokens: number): number {
    return this.window.move(now, place, 1, tokens);
  }

  /** A call was never sent. */
  cancel(now: number, place: number, tokens: number): void {
    this.#started--;
    this.#requests?.take(now, -1);
    this.#tokens?.take(now, -tokens);
    this.#pace?.change(-Math.max(1 / this.#limits.requests, tokens / this.#limits.tokens));
    this.window.change(place, -1, -tokens);
  }

  /**
   * A call has used so many tokens more than it had reserved, or less. More counts from now on: that is when it is known, and the call's
   * place may have left the window.
   */
  settle(now: number, place: number, change: number): void {
    if (change === 0) return;
    this.#tokens?.take(now, change);
    if (this.#limits.tokens !== Number.POSITIVE_INFINITY) this.#pace?.change(change / this.#limits.tokens);
    if (change < 0) this.window.change(place, 0, change);
    else this.window.add(now, 0, change);
  }

  /** A call is over: it is no longer among those that a response cannot know of. */
  ended(): void {
    this.#ended++;
  }

  observe(headers: HeaderSource, now: number): void {
    // A response that our `fetch` has seen comes again with the error that an SDK makes of it.
    if (this.#seen.has(headers)) return;
    this.#seen.add(headers);
    this.#observed++;
    const said = headerLimits(headers, now);
    if (said === undefined) return;
    this.window.advance(now);
    const unknown = this.#unknownToService(now);
    const { windowMs } = this.#limits;
    this.#requests ??= new HeaderBudget(this.#limits.requests, windowMs);
    this.#tokens ??= new HeaderBudget(this.#limits.tokens, windowMs);
    const { requests, tokens } = this.window;
    learn(this.#requests, said.requests, unknown, now);
    learn(this.#tokens, said.tokens, requests === 0 ? 0 : (unknown / requests) * tokens, now);
  }

  /**
   * How many calls were started after the one whose response is being read. By the responses that are still out, if they come in the
   * order of the calls, or by the calls that have not ended, whichever says less: not every call gives its headers, and not every one
   * is settled. What neither says is forgotten with the next window.
   */
  #unknownToService(now: number): number {
    const byHeaders = this.#started - this.#observed;
    const byEnds = this.#started - this.#ended - 1;
    if (now - this.#countedSince >= this.#limits.windowMs) {
      this.#started = 0;
      this.#observed = 0;
      this.#ended = 0;
      this.#countedSince = now;
    }
    return Math.max(0, Math.min(byHeaders, byEnds, this.window.requests));
  }
}

function learn(budget: HeaderBudget, reading: LimitReading | undefined, unknown: number, now: number): void {
  if (reading !== undefined) budget.learn(reading, unknown, now);
}

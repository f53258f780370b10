import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { Allowance, wholeTokens } from './allowance.js';
import { countsKeptMs } from './counts-kept.js';
import type { HeaderSource } from './header-source.js';
import { LocalShare } from './local-share.js';
import type { RateLimiterHooks, ResolvedRateLimit } from './open-rate-limiter.js';
import type { RateLimitStore, StoreAnswer, WindowLimits } from './rate-limit-store.js';
import type { RateLimiter, Reservation } from './rate-limiter.js';
import { SharedReservation } from './shared-reservation.js';
import { SlidingWindow } from './sliding-window.js';
import { storeAnswer } from './store-answer.js';
import { StoreLine } from './store-line.js';

/** After a failed question, unless the store is given up. */
const ASK_AGAIN_MS = 25;
/** While the store is away: it may be back by then. */
const LOOK_AGAIN_MS = 1_000;
/**
 * A call starts when the store's answer has arrived, which is later than it was counted. The store's window is longer by this part of it,
 * and a call that starts later still is counted once more, at the later moment.
 */
const LATENESS = 1 / 100;
const MOST_LATENESS_MS = 250;
const NOTHING = Object.freeze({ requests: 0, tokens: 0 });

/**
 * A limit that processes share through a store. Each reservation asks the store. While that is out of reach this process goes on with its
 * part ({@link LocalShare}), and together they stay within the limit.
 */
export class SharedRateLimiter implements RateLimiter {
  readonly mostTokens: number;
  readonly #options: ResolvedRateLimit;
  readonly #store: RateLimitStore;
  readonly #hooks: RateLimiterHooks;
  readonly #clock: Clock;
  readonly #processId = randomBytes(9).toString('base64url');
  readonly #allowance: Allowance;
  readonly #share: LocalShare;
  readonly #line: StoreLine;
  readonly #latenessMs: number;
  #epoch: string | undefined;
  #lastTicket = '';
  #answeredAt = 0;
  #lostAt = 0;
  /** What of the last window the store does not know of. */
  #untold: SlidingWindow;

  constructor(options: ResolvedRateLimit, store: RateLimitStore, hooks: RateLimiterHooks) {
    this.mostTokens = options.tokens;
    this.#options = options;
    this.#store = store;
    this.#hooks = hooks;
    this.#clock = hooks.clock;
    this.#allowance = new Allowance(options, options.spread);
    this.#share = new LocalShare(options);
    this.#untold = new SlidingWindow(options.windowMs);
    this.#latenessMs = Math.min(MOST_LATENESS_MS, options.windowMs * LATENESS);
    this.#line = new StoreLine({
      clock: hooks.clock,
      random: hooks.random,
      probe: async () => this.#store.settle(options.key, this.#lastTicket, NOTHING, this.#storeLimits(0)),
      onLost: (reason) => this.#lost(reason),
      onBack: () => this.#back(),
      onFailure: (error) => hooks.trouble(error, 'the shared rate limit'),
    });
  }

  reserve(tokens: number): Reservation | number | Promise<Reservation | number> {
    const whole = wholeTokens(tokens) ?? 0;
    const now = this.#clock.now();
    const ms = this.#ownWait(now, whole);
    if (ms > 0) return ms;
    return this.#line.isOpen ? this.#ask(now, whole) : this.#startAlone(now, whole);
  }

  observe(headers: HeaderSource): void {
    this.#allowance.observe(headers, this.#clock.now());
  }

  coolDown(ms: number): void {
    this.#tell(async () => this.#store.coolDown(this.#options.key, ms));
  }

  /** The store is the host's. */
  async close(): Promise<void> {
    this.#line.close();
  }

  async #ask(askedAt: number, tokens: number): Promise<Reservation | number> {
    const { key } = this.#options;
    const limits = this.#storeLimits(tokens);
    try {
      const answer = await this.#line.ask(
        async () => storeAnswer(await this.#store.reserve(key, this.#processId, tokens, limits)),
        (late) => this.#giveBack(late, tokens),
      );
      return this.#heard(answer, askedAt, tokens);
    } catch {
      // The line has told of it.
      if (this.#line.isOpen) return ASK_AGAIN_MS;
      const now = this.#clock.now();
      const ms = this.#ownWait(now, tokens);
      return ms > 0 ? ms : this.#startAlone(now, tokens);
    }
  }

  #heard(answer: StoreAnswer, askedAt: number, tokens: number): Reservation | number {
    const now = this.#clock.now();
    const { window } = this.#allowance;
    window.advance(now);
    this.#notice(answer, now);
    // A charge may be lost without the store being given up.
    if (this.#line.isOpen) this.#tellUntold(now);
    this.#share.saw(answer.usage, window, answer.granted ? { requests: 1, tokens } : NOTHING);
    if (!answer.granted) return Math.max(1, Math.ceil(answer.waitMs));
    // Others of this process may have started meanwhile, and the store may have been lost or be another one than before.
    const ms = this.#ownWait(now, tokens);
    if (ms > 0) {
      this.#giveBack(answer, tokens);
      return ms;
    }
    return this.#start(now, tokens, answer.ticket, (startedAt) => {
      if (startedAt - askedAt <= this.#latenessMs) return false;
      this.#settleStore('', { requests: 1, tokens });
      this.#giveBack(answer, tokens);
      return true;
    });
  }

  /** Another epoch within the time that counts are kept: they are lost. */
  #notice({ usage }: StoreAnswer, now: number): void {
    const isOther = this.#epoch !== undefined && usage.epoch !== this.#epoch;
    if (isOther && now - this.#answeredAt < countsKeptMs(this.#options.windowMs)) {
      this.#share.countsLost(now, this.#allowance.window, usage);
    }
    this.#epoch = usage.epoch;
    this.#answeredAt = now;
  }

  /**
   * @param first - of the store; `undefined` for a call that the store does not know of
   * @param recount - told when the function is called; `true`: the store counts it anew, and for good
   */
  #start(now: number, tokens: number, first: string | undefined, recount: (startedAt: number) => boolean): Reservation {
    let ticket = first;
    if (ticket !== undefined) this.#lastTicket = ticket;
    let place = this.#allowance.start(now, tokens);
    return new SharedReservation(tokens, {
      started: () => {
        const startedAt = this.#clock.now();
        place = this.#allowance.restart(startedAt, place, tokens);
        if (recount(startedAt)) ticket = undefined;
      },
      settled: (change) => {
        this.#allowance.settle(this.#clock.now(), place, change);
        if (change > 0 || (change < 0 && ticket !== undefined)) {
          this.#settleStore(ticket ?? '', { requests: 0, tokens: change });
        }
      },
      ended: () => this.#allowance.ended(),
      cancelled: () => {
        this.#allowance.cancel(this.#clock.now(), place, tokens);
        if (ticket !== undefined) this.#settleStore(ticket, { requests: -1, tokens: -tokens });
      },
    });
  }

  /** While the store is away. */
  #startAlone(now: number, tokens: number): Reservation {
    const untold = this.#untold;
    const place = untold.add(now, 1, tokens);
    return this.#start(now, tokens, undefined, (startedAt) => {
      if (untold === this.#untold) untold.move(startedAt, place, 1, tokens);
      else if (startedAt - now > this.#latenessMs) this.#settleStore('', { requests: 1, tokens });
      return false;
    });
  }

  #giveBack(answer: StoreAnswer, tokens: number): void {
    if (answer.granted) this.#settleStore(answer.ticket, { requests: -1, tokens: -tokens });
  }

  #settleStore(ticket: string, change: { requests: number; tokens: number }): void {
    const { key } = this.#options;
    this.#tell(
      async () => this.#store.settle(key, ticket, change, this.#storeLimits(0)),
      () => {
        // What is not given back only costs time; what is not charged would be used twice.
        this.#untold.add(this.#clock.now(), Math.max(0, change.requests), Math.max(0, change.tokens));
      },
    );
  }

  /** Nobody waits for the answer. */
  #tell(message: () => Promise<void>, onFailure: () => void = () => {}): void {
    if (this.#line.isOpen) this.#line.ask(message).catch(onFailure);
    else onFailure();
  }

  #ownWait(now: number, tokens: number): number {
    const own = this.#share.at(now);
    const none = Number.POSITIVE_INFINITY;
    const ms = this.#allowance.msUntil(now, tokens, own?.requests ?? none, own?.tokens ?? none);
    if (ms === 0 || own === undefined) return ms;
    return Math.min(ms, LOOK_AGAIN_MS, this.#share.msUntilNext(now));
  }

  #storeLimits(tokens: number): WindowLimits {
    return { ...this.#allowance.limitsFor(tokens), windowMs: this.#options.windowMs + this.#latenessMs };
  }

  #lost(reason: string): void {
    const now = this.#clock.now();
    this.#lostAt = now;
    this.#share.storeLost(now, this.#allowance.window);
    this.#hooks.emit('rate:local', { reason, share: 1 / this.#share.processes });
  }

  #back(): void {
    const now = this.#clock.now();
    this.#share.storeBack(now);
    this.#tellUntold(now);
    this.#hooks.emit('rate:shared', { localMs: now - this.#lostAt });
  }

  #tellUntold(now: number): void {
    this.#untold.advance(now);
    const { requests, tokens } = this.#untold;
    if (requests === 0 && tokens === 0) return;
    this.#untold = new SlidingWindow(this.#options.windowMs);
    this.#settleStore('', { requests, tokens });
  }
}

import type { CancelTimer, Clock } from './clock.js';
import { InvalidOptionError } from './errors.js';
import { RollingWindow } from './rolling-window.js';

/** Where a breaker stands. `until` is milliseconds since the epoch; `trips` counts the openings since it last was closed. */
export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number; readonly trips: number }
  | { readonly kind: 'half-open'; readonly trips: number };

/** Options of a {@link CircuitBreaker}. */
export interface BreakerOptions {
  /** Over how long calls are counted. Default 10,000. */
  readonly windowMs?: number;
  /** With fewer calls in the window their failure rate says nothing. Default 10. */
  readonly minCalls?: number;
  /** The share of failed calls in the window that opens it, above 0 and at most 1. Default 0.5. */
  readonly failureRate?: number;
  /** How many failures in a row open it too. Default 5. */
  readonly consecutive?: number;
  /** How long it stays open before the first probe, jittered down to half. Doubles with each failed probe. Default 1,000. */
  readonly cooldownMs?: number;
  /** The longest it stays open between two probes. Default 30,000. */
  readonly maxCooldownMs?: number;
  /** Resolves when what is protected works again. It must settle in bounded time: there is never a second one beside it. */
  readonly probe: () => Promise<void>;
  readonly clock: Clock;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Told of each change, after it has happened. */
  readonly onChange?: (state: BreakerState, reason: string) => void;
}

/** Defaults of {@link BreakerOptions}. */
export const BREAKER_DEFAULTS: Readonly<{
  windowMs: number;
  minCalls: number;
  failureRate: number;
  consecutive: number;
  cooldownMs: number;
  maxCooldownMs: number;
}> = Object.freeze({
  windowMs: 10_000,
  minCalls: 10,
  failureRate: 0.5,
  consecutive: 5,
  cooldownMs: 1_000,
  maxCooldownMs: 30_000,
});

const CLOSED: BreakerState = Object.freeze({ kind: 'closed' });

/**
 * Stops calls to what keeps failing, and finds out by a single probe at a time when it works again (Nygard: "Release It!",
 * circuit breaker, with a rolling error rate beside the count of failures in a row).
 *
 * A caller that finds `allows` notes `pass` as it begins and gives it back with the outcome: what began before the last
 * change of state says nothing about the state after it, and is not counted.
 */
export class CircuitBreaker {
  /** Goes up with each change of state. */
  pass = 0;
  readonly #options: BreakerOptions & typeof BREAKER_DEFAULTS;
  readonly #random: () => number;
  readonly #window: RollingWindow;
  #state: BreakerState = CLOSED;
  #failuresInARow = 0;
  #cancelTimer: CancelTimer | undefined;
  #probing = false;
  /** A probe was asked for while one was running that can't answer for the present. */
  #probeIsDue = false;
  #ended = false;

  constructor(options: BreakerOptions) {
    this.#options = { ...BREAKER_DEFAULTS, ...options };
    this.#random = options.random ?? Math.random;
    const { windowMs, minCalls, failureRate, consecutive, cooldownMs, maxCooldownMs } = this.#options;
    for (const [name, value] of Object.entries({ windowMs, minCalls, failureRate, consecutive, cooldownMs })) {
      if (!(value > 0)) throw new InvalidOptionError(name, 'above 0', value);
    }
    if (failureRate > 1) throw new InvalidOptionError('failureRate', 'at most 1', failureRate);
    if (!(maxCooldownMs >= cooldownMs))
      throw new InvalidOptionError('maxCooldownMs', 'cooldownMs or more', maxCooldownMs);
    this.#window = new RollingWindow(windowMs);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether calls may be made: only while it is closed. */
  get allows(): boolean {
    return this.#state === CLOSED;
  }

  /** A call that began at `pass` has succeeded. */
  succeeded(pass: number): void {
    if (pass !== this.pass || this.#state !== CLOSED) return;
    this.#failuresInARow = 0;
    this.#window.add(this.#options.clock.coarse(), false);
  }

  /** A call that began at `pass` has failed. Only failures open it: a success that completes `minCalls` does not. */
  failed(pass: number): void {
    if (pass !== this.pass || this.#state !== CLOSED || this.#ended) return;
    const { clock, consecutive, minCalls, failureRate } = this.#options;
    const window = this.#window;
    window.add(clock.coarse(), true);
    if (++this.#failuresInARow >= consecutive) {
      this.#open(1, `${this.#failuresInARow} failures in a row`);
    } else if (window.calls >= minCalls && window.failures >= failureRate * window.calls) {
      this.#open(1, `${window.failures} of ${window.calls} calls failed`);
    }
  }

  /** Opens it at once. A probe under way no longer counts: it may have been answered by what is lost now. */
  trip(reason: string): void {
    if (this.#ended || this.#state.kind === 'open') return;
    this.#open(this.#state.kind === 'closed' ? 1 : this.#state.trips + 1, reason);
  }

  /**
   * Probes without waiting for the cooldown. While a probe is under way, which may have begun too early to succeed, another
   * follows it at once if it does not close the breaker. Nothing happens while it is closed.
   */
  probeNow(): void {
    if (this.#ended || this.#state === CLOSED) return;
    if (this.#probing) this.#probeIsDue = true;
    else void this.#probe('probed on request');
  }

  /** Ends it for good: no timer, no probe and no change comes after. */
  close(): void {
    this.#ended = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #open(trips: number, reason: string): void {
    const { clock, cooldownMs, maxCooldownMs } = this.#options;
    const longest = Math.min(maxCooldownMs, cooldownMs * 2 ** Math.min(trips - 1, 30));
    const ms = longest * (1 - this.#random() / 2);
    this.#cancelTimer?.();
    this.#cancelTimer = clock.setTimer(() => {
      this.#cancelTimer = undefined;
      // A probe that a trip overtook is still running: the next one follows it.
      if (this.#probing) this.#probeIsDue = true;
      else void this.#probe('cooled down');
    }, ms);
    this.#become({ kind: 'open', until: clock.now() + ms, trips }, reason);
  }

  async #probe(reason: string): Promise<void> {
    if (this.#state.kind !== 'open') return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#probing = true;
    this.#probeIsDue = false;
    this.#become({ kind: 'half-open', trips: this.#state.trips }, reason);
    const failure = await this.#runProbe();
    this.#probing = false;
    if (this.#ended) return;
    this.#conclude(failure);
    if (this.#probeIsDue) this.probeNow();
  }

  /** What the probe failed with, if it did. */
  async #runProbe(): Promise<string | undefined> {
    try {
      await this.#options.probe();
      return undefined;
    } catch (error) {
      return `the probe failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  #conclude(failure: string | undefined): void {
    // Tripped meanwhile: it may have been answered by what is lost now.
    if (this.#state.kind !== 'half-open') return;
    if (failure !== undefined) {
      this.#open(this.#state.trips + 1, failure);
      return;
    }
    this.#window.clear();
    this.#failuresInARow = 0;
    this.#become(CLOSED, 'the probe succeeded');
  }

  #become(state: BreakerState, reason: string): void {
    this.#state = state;
    this.pass++;
    this.#options.onChange?.(state, reason);
  }
}

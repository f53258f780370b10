import { type BreakerState, CircuitBreaker } from '../core/breaker.js';
import type { CancelTimer, Clock } from '../core/clock.js';
import { labelOf } from './error-label.js';
import { BreakerOpenError } from './errors.js';

/** A processor's breaker options in milliseconds. */
export interface CallBreakerOptions {
  readonly windowMs: number;
  readonly minCalls: number;
  readonly failureRate: number;
  readonly consecutive: number;
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
}

/**
 * A breaker whose probe is a real call: when it has cooled down the next call is let through, alone, and its outcome closes or
 * opens it.
 */
export class CallBreaker {
  readonly #breaker: CircuitBreaker;
  readonly #clock: Clock;
  readonly #probeMs: number;
  /** Half-open: settles the probe. `undefined` once a call has taken it on, and otherwise. */
  #probe: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  #probeIsTaken = false;
  #cancelProbe: CancelTimer | undefined;
  readonly #onRoom: () => void;

  /**
   * @param onChange - told after each change; calls that wait may go now, or must not
   * @param onRoom - told when a call that was let through has left, and another may try
   */
  constructor(
    options: CallBreakerOptions,
    clock: Clock,
    random: () => number,
    onChange: (state: BreakerState, reason: string) => void,
    onRoom: () => void,
  ) {
    this.#clock = clock;
    this.#onRoom = onRoom;
    this.#probeMs = options.maxCooldownMs;
    this.#breaker = new CircuitBreaker({
      ...options,
      clock,
      random,
      probe: () =>
        new Promise<void>((resolve, reject) => {
          this.#probe = { resolve, reject };
          this.#probeIsTaken = false;
          // Told only now: before, nobody could have taken it on.
          onChange(this.#breaker.state, 'one call may try');
        }),
      onChange: (state, reason) => {
        if (state.kind !== 'half-open') onChange(state, reason);
      },
    });
  }

  get state(): BreakerState['kind'] {
    return this.#breaker.state.kind;
  }

  /** To be noted when a call starts, and given back with its outcome. */
  get pass(): number {
    return this.#breaker.pass;
  }

  /** Whether one more call may start now. */
  get mayStart(): boolean {
    return this.#breaker.allows || (this.#probe !== undefined && !this.#probeIsTaken);
  }

  /** A call has started. As a probe it has the longest cool-down to end: later it says nothing, and the next one may try after another. */
  started(): void {
    const probe = this.#probe;
    if (probe === undefined || this.#probeIsTaken) return;
    this.#probeIsTaken = true;
    this.#cancelProbe = this.#clock.setTimer(() => {
      if (this.#probe === probe)
        this.#endProbe()?.reject(new Error(`the call that tried took over ${this.#probeMs} ms`));
    }, this.#probeMs);
  }

  succeeded(pass: number): void {
    if (this.#isProbe(pass)) this.#endProbe()?.resolve();
    else this.#breaker.succeeded(pass);
  }

  failed(pass: number, error: unknown): void {
    if (this.#isProbe(pass)) this.#endProbe()?.reject(labelOf(error));
    else this.#breaker.failed(pass);
  }

  /** The call ended without saying anything about the service: aborted, or never sent. */
  left(pass: number): void {
    if (!this.#isProbe(pass)) return;
    this.#probeIsTaken = false;
    this.#cancelProbe?.();
    this.#onRoom();
  }

  /** What a call is refused with while none may start. */
  refusal(): BreakerOpenError {
    const { state } = this.#breaker;
    return new BreakerOpenError(state.kind === 'open' ? Math.max(0, state.until - this.#clock.now()) : 0);
  }

  close(): void {
    this.#breaker.close();
    this.#endProbe()?.resolve();
  }

  #isProbe(pass: number): boolean {
    return this.#probe !== undefined && this.#probeIsTaken && pass === this.#breaker.pass;
  }

  #endProbe(): { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined {
    const probe = this.#probe;
    this.#probe = undefined;
    this.#probeIsTaken = false;
    this.#cancelProbe?.();
    return probe;
  }
}

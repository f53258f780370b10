/** Bounds of {@link CoolDown}, in milliseconds. */
export interface CoolDownOptions {
  /** The first pause where the service names none; it doubles with each refusal in a row. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** A pause longer than this is not kept: the calls fail instead. */
  readonly maxRetryAfterMs: number;
}

/**
 * How long everybody pauses after a service has refused a call for its rate: one refused call speaks for all, or each of them
 * would be refused in turn.
 */
export class CoolDown {
  readonly #options: CoolDownOptions;
  #inARow = 0;
  /** Calls that started before the last refusal say nothing new by being refused too. */
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(options: CoolDownOptions) {
    this.#options = options;
  }

  /**
   * @param retryAfterMs - what the service asks for; `undefined` where it does not say
   * @param startedAt - when the refused call started
   * @returns the pause, in milliseconds; 0 for none
   */
  refused(now: number, startedAt: number, retryAfterMs: number | undefined): number {
    const { backoffMs, maxBackoffMs, maxRetryAfterMs } = this.#options;
    const isNews = startedAt > this.#refusedAt;
    if (isNews) {
      this.#inARow++;
      this.#refusedAt = now;
    }
    if (retryAfterMs !== undefined) return retryAfterMs <= maxRetryAfterMs ? retryAfterMs : 0;
    return isNews ? Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#inARow - 1, 30)) : 0;
  }

  succeeded(): void {
    this.#inARow = 0;
  }
}

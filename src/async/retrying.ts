import type { AsyncEventSource } from './async-event-source.js';
import type { Failure } from './retry/failure.js';
import type { RetryBudget } from './retry/retry-budget.js';
import { decide, type RetryRules } from './retry/retry-decision.js';

/** Decides about further attempts within the budget, and says what it decided. */
export class Retrying {
  readonly #rules: RetryRules;
  readonly #budget: RetryBudget;
  readonly #events: AsyncEventSource;

  constructor(rules: RetryRules, budget: RetryBudget, events: AsyncEventSource) {
    this.#rules = rules;
    this.#budget = budget;
    this.#events = events;
  }

  /** A call has begun. */
  called(): void {
    this.#budget.called();
  }

  /** After how many milliseconds the call is tried again; `undefined` when it is not. */
  next(error: unknown, failure: Failure, attempt: number, elapsedMs: number): number | undefined {
    const decision = decide(failure, { error, attempt, elapsedMs }, this.#rules);
    if (!decision.retry) {
      const { why } = decision;
      if (decision.trouble !== undefined) this.#events.trouble(decision.trouble, 'retry.when');
      if (why === 'attempts' || why === 'elapsed' || why === 'retry-after')
        this.#events.emit('retry:refused', { attempt, why, error });
      return undefined;
    }
    if (decision.countsToBudget && !this.#budget.take()) {
      this.#events.emit('retry:refused', { attempt, why: 'budget', error });
      return undefined;
    }
    const { delayMs } = decision;
    this.#events.emit('retry', { attempt, delayMs, reason: failure.kind, status: failure.status, error });
    return delayMs;
  }
}

import { describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../../src/async/retry/failure.js';
import { decide, type RetryRules, type RetryState } from '../../../src/async/retry/retry-decision.js';

const RULES: RetryRules = {
  attempts: 3,
  backoffMs: 500,
  maxBackoffMs: 30_000,
  maxRetryAfterMs: 60_000,
  maxElapsedMs: 300_000,
  random: () => 0.5,
};
const ERROR = new Error('it failed');
const first: RetryState = { error: ERROR, attempt: 1, elapsedMs: 100 };
const TRANSIENT: Failure = { kind: 'transient' };

describe('decide', () => {
  it('waits with full jitter, at the expense of the budget', () => {
    for (const kind of ['transient', 'overloaded', 'rate-limited', 'unknown'] as const) {
      expect(decide({ kind }, first, RULES)).toEqual({ retry: true, delayMs: 250, countsToBudget: true });
    }
    expect(decide(TRANSIENT, { ...first, attempt: 2 }, RULES)).toMatchObject({ delayMs: 500 });
  });

  it('ends with the last attempt', () => {
    expect(decide(TRANSIENT, { ...first, attempt: 2 }, RULES).retry).toBe(true);
    expect(decide(TRANSIENT, { ...first, attempt: 3 }, RULES)).toEqual({ retry: false, why: 'attempts' });
    expect(decide(TRANSIENT, first, { ...RULES, attempts: 1 })).toEqual({ retry: false, why: 'attempts' });
  });

  it('does not try again what is permanent', () => {
    const state = { ...first, attempt: 3 };
    expect(decide({ kind: 'permanent' }, state, RULES)).toEqual({ retry: false, why: 'permanent' });
  });

  it('waits as long as the service asks, with a tenth of jitter at most, and at no cost to the budget', () => {
    const asked = (retryAfterMs: number, random: number) =>
      decide({ kind: 'rate-limited', retryAfterMs }, first, { ...RULES, random: () => random });
    expect(asked(4_000, 0)).toEqual({ retry: true, delayMs: 4_000, countsToBudget: false });
    expect(asked(4_000, 0.5)).toMatchObject({ delayMs: 4_200 });
    expect(asked(20, 0.5)).toMatchObject({ delayMs: 25 });
    expect(asked(60_000, 0.5)).toMatchObject({ delayMs: 60_500 });
  });

  it('does not wait longer than it may', () => {
    const failure: Failure = { kind: 'rate-limited', retryAfterMs: 60_001 };
    expect(decide(failure, first, RULES)).toEqual({ retry: false, why: 'retry-after' });
  });

  it('takes a pause of 0 for none: calls must not come back at once for ever', () => {
    const failure: Failure = { kind: 'rate-limited', retryAfterMs: 0 };
    expect(decide(failure, first, RULES)).toEqual({ retry: true, delayMs: 250, countsToBudget: true });
  });

  it('begins no attempt when the time is over', () => {
    const rules = { ...RULES, maxElapsedMs: 1_000 };
    expect(decide(TRANSIENT, { ...first, elapsedMs: 749 }, rules).retry).toBe(true);
    expect(decide(TRANSIENT, { ...first, elapsedMs: 750 }, rules)).toEqual({ retry: false, why: 'elapsed' });
    const failure: Failure = { kind: 'rate-limited', retryAfterMs: 950 };
    expect(decide(failure, first, rules)).toEqual({ retry: false, why: 'elapsed' });
  });

  describe('when', () => {
    it('is asked with the error and the attempt, and has the last word', () => {
      const when = vi.fn(() => false);
      expect(decide(TRANSIENT, first, { ...RULES, when })).toEqual({ retry: false, why: 'when' });
      expect(when).toHaveBeenCalledExactlyOnceWith(ERROR, 1);
      expect(decide({ kind: 'permanent', status: 404 }, first, { ...RULES, when: () => true }).retry).toBe(true);
    });

    it('is not asked of what is final, nor when there is no attempt left', () => {
      const when = vi.fn(() => true);
      const final: Failure = { kind: 'permanent', isFinal: true };
      expect(decide(final, first, { ...RULES, when })).toEqual({ retry: false, why: 'permanent' });
      expect(decide(TRANSIENT, { ...first, attempt: 3 }, { ...RULES, when })).toMatchObject({ why: 'attempts' });
      expect(when).not.toHaveBeenCalled();
    });

    it('that throws is told of, and the call is not tried again', () => {
      const trouble = new Error('a bug of the host');
      const when = (): boolean => {
        throw trouble;
      };
      expect(decide(TRANSIENT, first, { ...RULES, when })).toEqual({ retry: false, why: 'when', trouble });
    });
  });
});

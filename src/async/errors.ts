import { HotpathError } from '../core/errors.js';

/** An attempt took longer than its timeout. Its function was told to stop. Code `TIMEOUT`. */
export class TimeoutError extends HotpathError {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`the call took longer than its timeout of ${timeoutMs} ms`, { code: 'TIMEOUT' });
    this.name = 'TimeoutError';
    this.timeoutMs = timeoutMs;
  }
}

/** Too many calls wait. Code `QUEUE_FULL`. */
export class QueueFullError extends HotpathError {
  readonly max: number;

  constructor(max: number, policy: string) {
    super(
      `${max} calls are waiting, which is queue.max, and queue.policy is '${policy}': give a batch to process() or stream(), which wait, or raise queue.max`,
      { code: 'QUEUE_FULL' },
    );
    this.name = 'QueueFullError';
    this.max = max;
  }
}

/** Too many calls before this one failed, so it was not made. Code `BREAKER_OPEN`. */
export class BreakerOpenError extends HotpathError {
  /** After how many milliseconds one call may try. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`the breaker is open: calls kept failing, one may try in ${Math.ceil(retryAfterMs)} ms`, {
      code: 'BREAKER_OPEN',
    });
    this.name = 'BreakerOpenError';
    this.retryAfterMs = retryAfterMs;
  }
}

/** One call asks for more tokens than its limit holds: it would wait for ever. Code `RATE_LIMIT_TOO_SMALL`. */
export class RateLimitTooSmallError extends HotpathError {
  constructor(tokens: number, limit: number) {
    super(`a call of ${tokens} tokens can never start: rateLimit.tokensPerMinute is ${limit}`, {
      code: 'RATE_LIMIT_TOO_SMALL',
    });
    this.name = 'RateLimitTooSmallError';
  }
}

/** A call came after `close()`, or was under way when it ended. Code `CLOSED`. */
export class ProcessorClosedError extends HotpathError {
  constructor(name: string, what = 'takes no more calls') {
    super(`AsyncProcessor '${name}' is closed and ${what}`, { code: 'CLOSED' });
    this.name = 'ProcessorClosedError';
  }
}

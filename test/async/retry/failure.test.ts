import { describe, expect, it } from 'vitest';
import {
  BreakerOpenError,
  ProcessorClosedError,
  QueueFullError,
  RateLimitTooSmallError,
  TimeoutError,
} from '../../../src/async/errors.js';
import { type FailureKind, failureOf, headersOf } from '../../../src/async/retry/failure.js';
import { permanent } from '../../../src/async/retry/permanent.js';
import { DeadlineError } from '../../../src/core/deadline.js';
import { HotpathError, InvalidOptionError } from '../../../src/core/errors.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function errorWith(fields: object, message = 'it failed'): Error {
  return Object.assign(new Error(message), fields);
}

function named(name: string, fields: object = {}): Error {
  return errorWith({ name, ...fields });
}

describe('status', () => {
  const kinds: Record<FailureKind, number[]> = {
    permanent: [400, 401, 402, 403, 404, 405, 410, 413, 415, 418, 422, 451, 499, 501, 505, 511],
    'rate-limited': [429],
    overloaded: [503, 504, 522, 524, 529],
    transient: [408, 409, 425, 500, 502, 507, 520, 521, 523, 599],
    unknown: [200, 206, 304, 399, 600, 0, -1, 500.5, '404' as never],
  };
  const cases = Object.entries(kinds).flatMap(([kind, list]) => list.map((status) => [status, kind] as const));

  it.each(cases)('%s is %s', (status, kind) => {
    const facts = kind === 'unknown' ? { kind } : { kind, status };
    for (const fields of [
      { status },
      { statusCode: status },
      { response: { status } },
      { response: { statusCode: status } },
      { $metadata: { httpStatusCode: status } },
      { code: status },
      { cause: { cause: { status } } },
      { lastError: { statusCode: status } },
      { errors: [{ status }] },
    ]) {
      expect(failureOf(errorWith(fields))).toEqual(facts);
    }
  });

  it('is that of the outermost error that has one', () => {
    expect(failureOf(errorWith({ status: 503, cause: { status: 404 } }))).toEqual({ kind: 'overloaded', status: 503 });
  });

  it('counts for more than a code or the sort of the error', () => {
    expect(failureOf(errorWith({ status: 400, code: 'ECONNRESET' })).kind).toBe('permanent');
    expect(failureOf(Object.assign(new TypeError('odd'), { status: 503 })).kind).toBe('overloaded');
  });
});

describe('rate limits', () => {
  it('say when to come back', () => {
    const headers = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6s' };
    const limited = { kind: 'rate-limited', status: 429 };
    expect(failureOf(errorWith({ status: 429 }))).toEqual(limited);
    expect(failureOf(errorWith({ status: 429, headers }), undefined, NOW)).toEqual({ ...limited, retryAfterMs: 6_000 });
    expect(failureOf(errorWith({ status: 429, cause: new Error('Please try again in 634ms.') }))).toEqual({
      ...limited,
      retryAfterMs: 634,
    });
    expect(failureOf(errorWith({ status: 429 }), new Headers({ 'retry-after': '2' }))).toMatchObject({
      retryAfterMs: 2_000,
    });
  });

  it.each([
    { headers: { 'Retry-After': '3' } },
    { headers: new Headers({ 'retry-after': '3' }) },
    { responseHeaders: { 'retry-after': '3' } },
    { response: { headers: { 'retry-after': '3' } } },
    { $response: { headers: { 'retry-after': '3' } } },
    { cause: { headers: { 'retry-after': '3' } } },
  ])('are read from the headers in %o', (fields) => {
    const error = errorWith({ status: 429, ...fields });
    expect(failureOf(error, { 'retry-after': '9' })).toMatchObject({ retryAfterMs: 3_000 });
    expect(headersOf(error)).toBeDefined();
  });

  it('that are about a quota used up are permanent', () => {
    const quota = { code: 'insufficient_quota', type: 'insufficient_quota' };
    for (const fields of [
      quota,
      { error: quota },
      { error: { error: quota } },
      { data: { error: quota } },
      { response: { data: { error: quota } } },
      { type: 'billing_hard_limit_reached' },
      { cause: quota },
      { responseBody: '{"error":{"code":"insufficient_quota"}}' },
    ]) {
      const error = errorWith({ status: 429, headers: { 'retry-after': '1' }, ...fields });
      expect(failureOf(error)).toEqual({ kind: 'permanent', status: 429 });
    }
    // Told by a service of a limit per minute too, so the text decides nothing.
    const text = 'You exceeded your current quota, please check your plan. Please retry in 34s.';
    expect(failureOf(errorWith({ status: 429 }, text))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 34_000 });
    // The type of a mistake in the request, as some services send it with a limit.
    expect(failureOf(errorWith({ status: 429, type: 'invalid_request_error' })).kind).toBe('rate-limited');
  });

  it('that are about a quota used up are permanent, whatever is advised', () => {
    const quota = { error: { message: 'You exceeded your current quota', code: 'insufficient_quota' } };
    // As the AI SDK tells each 429.
    const call = named('AI_APICallError', {
      ...{ statusCode: 429, isRetryable: true, data: quota },
      ...{ responseBody: JSON.stringify(quota), responseHeaders: { 'x-should-retry': 'true', 'retry-after': '1' } },
    });
    const rowOfTries = named('AI_RetryError', { reason: 'maxRetriesExceeded', lastError: call, errors: [call] });
    const asText = named('AI_APICallError', { ...call, data: undefined });
    for (const error of [call, rowOfTries, asText, named('wraps', { cause: rowOfTries })]) {
      expect(failureOf(error)).toEqual({ kind: 'permanent', status: 429 });
    }
    expect(failureOf(errorWith({ code: 'insufficient_quota', isRetryable: true }))).toEqual({ kind: 'permanent' });
  });

  it('that are smaller than the request are permanent, and say so', () => {
    const tooLarge =
      'Request too large for m in organization o on tokens per min (TPM): Limit 10000, Requested 12000. The input or output tokens must be reduced.';
    const error = { message: tooLarge, type: 'tokens', code: 'rate_limit_exceeded' };
    const failure = { kind: 'permanent', status: 429, isTooLarge: true };
    expect(failureOf(errorWith({ status: 429, headers: { 'retry-after': '1' }, isRetryable: true }, tooLarge))).toEqual(
      failure,
    );
    expect(failureOf(errorWith({ status: 429, error }))).toEqual(failure);
    expect(failureOf(errorWith({ status: 429, response: { data: { error } } }))).toEqual(failure);
    expect(failureOf(errorWith({ status: 429 }, 'Limit 10000, Used 9000, Requested 10001.'))).toEqual(failure);
    expect(failureOf(errorWith({ code: 'rate_limit_exceeded' }, tooLarge))).toEqual({
      kind: 'permanent',
      isTooLarge: true,
    });
    // One that is only used up for now.
    const usedUp = 'Rate limit reached on tokens per min (TPM): Limit 10000, Used 9000, Requested 10000.';
    expect(failureOf(errorWith({ status: 429 }, usedUp))).toEqual({ kind: 'rate-limited', status: 429 });
  });

  it('of AWS come with a status of 400', () => {
    const aws = (name: string, fields: object) => failureOf(named(name, { $metadata: fields }));
    const limited = { kind: 'rate-limited', status: 400 };
    expect(aws('ThrottlingException', { httpStatusCode: 400 })).toEqual(limited);
    expect(aws('ProvisionedThroughputExceededException', { httpStatusCode: 400 })).toEqual(limited);
    expect(failureOf(errorWith({ statusCode: 400, code: 'Throttling' }))).toEqual(limited);
    expect(failureOf(errorWith({ statusCode: 400, $retryable: { throttling: true } }))).toEqual(limited);
    expect(failureOf(errorWith({ statusCode: 400, $retryable: {} }))).toEqual({ kind: 'permanent', status: 400 });
    expect(aws('ThrottlingException', {})).toEqual({ kind: 'rate-limited' });
    expect(aws('SlowDown', { httpStatusCode: 503 })).toEqual({ kind: 'overloaded', status: 503 });
    expect(aws('ValidationException', { httpStatusCode: 400 })).toEqual({ kind: 'permanent', status: 400 });
  });

  it('come as a 403 too, where it says when to come back', () => {
    const headers = { 'retry-after': '60' };
    expect(failureOf(errorWith({ status: 403, headers }))).toEqual({
      kind: 'rate-limited',
      status: 403,
      retryAfterMs: 60_000,
    });
  });

  it('of others than rate limits are not waited for', () => {
    const exhausted = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '50s' };
    expect(failureOf(errorWith({ status: 500, headers: exhausted }))).toEqual({ kind: 'transient', status: 500 });
    const headers = { ...exhausted, 'retry-after': '2' };
    expect(failureOf(errorWith({ status: 503, headers }))).toEqual({
      kind: 'overloaded',
      status: 503,
      retryAfterMs: 2_000,
    });
  });
});

describe('advice of the service', () => {
  it('x-should-retry is obeyed', () => {
    const says = (status: number, advice: string) =>
      failureOf(errorWith({ status, headers: { 'x-should-retry': advice } })).kind;
    expect(says(500, 'false')).toBe('permanent');
    expect(says(400, 'true')).toBe('transient');
    expect(says(429, 'true')).toBe('rate-limited');
    expect(says(503, 'true')).toBe('overloaded');
    expect(says(500, 'maybe')).toBe('transient');
  });

  it('isRetryable of the AI SDK is obeyed, the header before it', () => {
    expect(failureOf(errorWith({ isRetryable: false, statusCode: 500 })).kind).toBe('permanent');
    expect(failureOf(errorWith({ isRetryable: true })).kind).toBe('transient');
    expect(failureOf(errorWith({ isRetryable: true, statusCode: 429 })).kind).toBe('rate-limited');
    expect(failureOf(errorWith({ cause: { isRetryable: false } })).kind).toBe('permanent');
    const headers = { 'x-should-retry': 'false' };
    expect(failureOf(errorWith({ isRetryable: true, responseHeaders: headers })).kind).toBe('permanent');
  });
});

describe('codes', () => {
  const codes: Record<Exclude<FailureKind, 'unknown'>, string> = {
    permanent:
      'ERR_CANCELED ERR_INVALID_URL UND_ERR_ABORTED UND_ERR_INVALID_ARG UND_ERR_CLOSED CERT_HAS_EXPIRED ENOENT 23505 42P01 22P02 ER_DUP_ENTRY ER_PARSE_ERROR',
    'rate-limited': 'rate_limit_exceeded',
    overloaded:
      'ETIMEDOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT 53300 57014 ER_CON_COUNT_ERROR',
    transient:
      'ECONNRESET ECONNREFUSED EPIPE ENETUNREACH EHOSTUNREACH EAI_AGAIN ENOTFOUND UND_ERR_SOCKET HPE_INVALID_CONSTANT Z_BUF_ERROR ERR_STREAM_PREMATURE_CLOSE 40001 40P01 08006 57P01 ER_LOCK_DEADLOCK PROTOCOL_CONNECTION_LOST',
  };
  const cases = Object.entries(codes).flatMap(([kind, list]) => list.split(' ').map((code) => [code, kind] as const));

  it.each(cases)('%s is %s, however deep', (code, kind) => {
    expect(failureOf(errorWith({ code }))).toEqual({ kind });
    const fetchFailed = new TypeError('fetch failed', { cause: errorWith({ code }) });
    expect(failureOf(fetchFailed)).toEqual({ kind });
    expect(failureOf(new Error('Connection error.', { cause: fetchFailed }))).toEqual({ kind });
  });

  it.each(['E_MY_OWN', 'constructor', '__proto__', '', '4000', '99999', 'toString'])('%j says nothing', (code) => {
    expect(failureOf(errorWith({ code })).kind).toBe('unknown');
  });

  it('of an error event in the middle of a stream stand for its status', () => {
    const event = (type: string) =>
      failureOf(errorWith({ error: { type: 'error', error: { type, message: 'x' } } })).kind;
    expect(event('overloaded_error')).toBe('overloaded');
    expect(event('rate_limit_error')).toBe('rate-limited');
    expect(event('api_error')).toBe('transient');
    expect(event('invalid_request_error')).toBe('permanent');
    expect(failureOf(errorWith({ code: 'server_error' })).kind).toBe('transient');
    expect(failureOf(errorWith({ type: 'rate_limit_error', code: 'insufficient_quota' })).kind).toBe('permanent');
  });
});

describe('gRPC', () => {
  it.each<[code: number, kind: FailureKind]>([
    ...([1, 3, 5, 6, 7, 9, 11, 12, 16] as const).map((code) => [code, 'permanent'] as [number, FailureKind]),
    [4, 'overloaded'],
    [8, 'rate-limited'],
    ...([10, 13, 14] as const).map((code) => [code, 'transient'] as [number, FailureKind]),
    ...([0, 2, 15, 17, -1] as const).map((code) => [code, 'unknown'] as [number, FailureKind]),
  ])('status %s is %s', (code, kind) => {
    expect(failureOf(errorWith({ code, details: 'of it' }))).toEqual({ kind });
    expect(failureOf(errorWith({ code, metadata: {} }))).toEqual({ kind });
    expect(failureOf(errorWith({ cause: { code, details: '' } }))).toEqual({ kind });
    // Anybody's number.
    expect(failureOf(errorWith({ code }))).toEqual({ kind: 'unknown' });
  });
});

describe('sorts of errors', () => {
  it('mistakes in the program are permanent', () => {
    for (const Mistake of [TypeError, ReferenceError, RangeError, SyntaxError]) {
      expect(failureOf(new Mistake('x is not a function'))).toEqual({ kind: 'permanent' });
    }
  });

  it('a TypeError of fetch is judged by its cause', () => {
    expect(failureOf(new TypeError('fetch failed')).kind).toBe('transient');
    expect(failureOf(new TypeError('terminated')).kind).toBe('transient');
    expect(failureOf(new TypeError('fetch failed', { cause: new Error('unknown scheme') })).kind).toBe('unknown');
    expect(failureOf(new TypeError('odd', { cause: errorWith({ code: 'ECONNRESET' }) })).kind).toBe('transient');
  });

  it('JSON that is cut off is transient, other text that is none is unknown', () => {
    const parsing = (text: string): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        return failureOf(error).kind;
      }
    };
    expect(parsing('{"answer": [1, 2')).toMatch(/transient|unknown/);
    expect(parsing('')).toBe('transient');
    expect(parsing('{"answer": "cut o')).toBe('transient');
    expect(parsing('Sure! Here is your JSON: {}')).toBe('unknown');
  });

  it('a timeout is overload, also one told as an abort; an abort is permanent', () => {
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(failureOf(timeout)).toEqual({ kind: 'overloaded' });
    expect(failureOf(named('AbortError', { cause: timeout }))).toEqual({ kind: 'overloaded' });
    expect(failureOf(new DOMException('This operation was aborted', 'AbortError'))).toEqual({ kind: 'permanent' });
    expect(failureOf(named('CanceledError'))).toEqual({ kind: 'permanent' });
  });

  it('anything else is unknown', () => {
    for (const error of [
      new Error('?'),
      'a text',
      42,
      undefined,
      null,
      {},
      [],
      () => {},
      Symbol('s'),
      Object.create(null),
    ]) {
      expect(failureOf(error)).toEqual({ kind: 'unknown' });
    }
  });
});

describe('errors of hotpath', () => {
  it('say themselves what they mean', () => {
    expect(failureOf(new TimeoutError(50))).toEqual({ kind: 'overloaded' });
    expect(failureOf(new DeadlineError('the read', 50))).toEqual({ kind: 'overloaded' });
    expect(failureOf(new QueueFullError(1, 'reject'))).toEqual({ kind: 'overloaded' });
    expect(failureOf(new BreakerOpenError(700))).toEqual({ kind: 'transient', retryAfterMs: 700 });
    expect(failureOf(new HotpathError('of another module', { code: 'OTHER' }))).toEqual({ kind: 'unknown' });
    expect(failureOf(new HotpathError('wraps', { code: 'OTHER', cause: { status: 503 } }))).toMatchObject({
      status: 503,
    });
    expect(failureOf(new Error('wraps', { cause: new BreakerOpenError(700) }))).toMatchObject({ retryAfterMs: 700 });
  });

  it('that refuse for good are final', () => {
    for (const error of [
      new ProcessorClosedError('x'),
      new RateLimitTooSmallError(9, 5),
      new InvalidOptionError('x', 'y', 'z'),
    ]) {
      expect(failureOf(error)).toEqual({ kind: 'permanent', isFinal: true });
    }
  });
});

describe('marks', () => {
  it('count for more than all else, also in a cause', () => {
    const error = permanent(errorWith({ status: 503, headers: { 'retry-after': '1', 'x-should-retry': 'true' } }));
    const failure = { kind: 'permanent', isFinal: true, status: 503 };
    expect(failureOf(error)).toEqual(failure);
    expect(failureOf(new Error('wraps', { cause: error }))).toEqual(failure);
    expect(failureOf(permanent(() => {}))).toEqual({ kind: 'permanent', isFinal: true });
  });
});

describe('odd errors', () => {
  it('never make it throw or go on for ever', () => {
    const trap = (): never => {
      throw new Error('trap');
    };
    const hostile = new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap });
    const circle = new Error('circle');
    circle.cause = new Error('inner', { cause: circle });
    const getters = Object.defineProperties(new Error('getters'), {
      status: { get: trap },
      headers: { get: trap },
      cause: { get: trap },
      message: { get: trap },
    });
    let deep: unknown = { status: 404 };
    for (let i = 0; i < 100; i++) deep = new Error('deep', { cause: deep });
    for (const error of [hostile, circle, getters, deep, { headers: hostile, status: 429 }, { cause: hostile }]) {
      expect(['unknown', 'rate-limited']).toContain(failureOf(error, hostile as never).kind);
      expect(() => headersOf(error)).not.toThrow();
    }
  });
});

import { HotpathError } from '../../core/errors.js';
import { type HeaderSource, headerOf } from '../rate/header-source.js';
import { chainOf, type Fields, read, textIn } from './error-chain.js';
import { headersIn, statusIn } from './error-response.js';
import { isQuotaUsedUp, kindOfCode, kindOfHotpathCode, kindOfServiceCode } from './failure-codes.js';
import { kindOfShape } from './failure-shape.js';
import { kindOfStatus } from './failure-status.js';
import { kindOfGrpcStatus } from './grpc-status.js';
import { isPermanent } from './permanent.js';
import { isRequestTooLarge } from './request-too-large.js';
import { askedPauseMs, retryAfterMs } from './retry-after.js';
import { isThrottled } from './throttling.js';

/**
 * What a failed call means for the next one:
 *
 * - `permanent`: another attempt can't succeed. Marked by `permanent()`; most 4xx; a quota that is used up; a request that is larger than its
 *   limit; an abort; a mistake in the program.
 * - `rate-limited`: too many calls (429, a 403 that says when to come back, throttling by AWS). Nobody should call before the pause is over.
 * - `overloaded`: the service bears less than it is given (503, 529, 504, every timeout).
 * - `transient`: this attempt failed, the next may not (500, 502, 408, 409, 425, a connection lost, a body cut off, a deadlock).
 * - `unknown`: nothing is known of it. Worth another attempt, but it may be the call's own fault.
 */
export type FailureKind = 'permanent' | 'rate-limited' | 'overloaded' | 'transient' | 'unknown';

/** What is known of why a call failed. */
export interface Failure {
  readonly kind: FailureKind;
  /** Of the HTTP response. */
  readonly status?: number;
  /** How long the service asks to wait. Never with `permanent`. */
  readonly retryAfterMs?: number;
  /** It was marked by `permanent()`, or is hotpath's own refusal: not even `retry.when` may have it tried again. */
  readonly isFinal?: true;
  /** The request is larger than the whole of a rate limit: one that asks for less may succeed. */
  readonly isTooLarge?: true;
}

/**
 * Reads an error of any kind: of `fetch` and undici, of the OpenAI, Anthropic, AI and AWS SDKs, of axios, gRPC, pg and mysql2, of Node and of
 * hotpath, and those wrapped in others as their `cause`. Never throws.
 *
 * What decides, in turn: a mark, hotpath's own code, a quota that is used up, what the service says of retries (`x-should-retry`, the AI SDK's
 * `isRetryable`), the status, codes (`ECONNRESET`, `insufficient_quota`, SQLSTATE), timeouts, and at last the sort of error (`AbortError`, `TypeError`).
 *
 * @param headers - of the response, where the error has none
 * @param nowMs - milliseconds since the epoch. Default: now
 */
export function failureOf(error: unknown, headers?: HeaderSource, nowMs: number = Date.now()): Failure {
  try {
    return judge(error, headers, nowMs);
  } catch {
    // A proxy whose every trap throws.
    return { kind: 'unknown' };
  }
}

/** The headers of the response that an error tells of, or that of its causes; `undefined` where there are none. Never throws. */
export function headersOf(error: unknown): HeaderSource | undefined {
  return headersIn(chainOf(error));
}

function judge(error: unknown, seen: HeaderSource | undefined, nowMs: number): Failure {
  const chain = chainOf(error);
  const status = statusIn(chain);
  const facts = status === undefined ? {} : { status };
  // The error itself may be a function, which has no chain.
  if (isPermanent(error) || chain.some(isPermanent)) return { kind: 'permanent', isFinal: true, ...facts };
  const own = firstOf(chain, (link) => (HotpathError.is(link) ? kindOfHotpathCode(link.code) : undefined));
  if (own === 'permanent') return { kind: own, isFinal: true };
  const headers = headersIn(chain) ?? seen;
  const plain = own ?? plainKindOf(chain, status, headers);
  // Both come with the status and the code of a rate limit, and with the advice to try again: no pause helps.
  if (own === undefined && (plain === 'rate-limited' || plain === 'permanent')) {
    if (chain.some(isQuotaUsedUp)) return { kind: 'permanent', ...facts };
    if (plain === 'rate-limited' && chain.some(isRequestTooLarge))
      return { kind: 'permanent', isTooLarge: true, ...facts };
  }
  const kind = own ?? advised(plain, retryAdvice(chain, headers));
  if (kind === 'permanent') return { kind, ...facts };
  // Only who has made too many calls waits for a limit to be renewed: an error of another sort may come any time.
  const pauseMs =
    kind === 'rate-limited' ? retryAfterMs(headers, messagesOf(chain), nowMs) : askedPauseMs(headers, nowMs);
  const retryAfter = pauseMs ?? ownPauseMs(chain);
  return { kind, ...facts, ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }) };
}

/** The service knows best, where it says so. What it would have tried again still has its sort: a limit, an overload. */
function advised(kind: FailureKind, advice: boolean | undefined): FailureKind {
  if (advice === false) return 'permanent';
  return advice === true && (kind === 'permanent' || kind === 'unknown') ? 'transient' : kind;
}

function plainKindOf(
  chain: readonly Fields[],
  status: number | undefined,
  headers: HeaderSource | undefined,
): FailureKind {
  if (status !== undefined) {
    if (status === 429 || (status < 500 && chain.some(isThrottled))) return 'rate-limited';
    if (status === 403 && headerOf(headers, 'retry-after') !== undefined) return 'rate-limited';
    return kindOfStatus(status);
  }
  return (
    firstOf(chain, kindOfServiceCode) ??
    firstOf(chain, kindOfGrpcStatus) ??
    firstOf(chain, kindOfCode) ??
    (chain.some(isThrottled) ? 'rate-limited' : kindOfShape(chain))
  );
}

function retryAdvice(chain: readonly Fields[], headers: HeaderSource | undefined): boolean | undefined {
  const header = headerOf(headers, 'x-should-retry');
  if (header === 'true') return true;
  if (header === 'false') return false;
  for (const link of chain) {
    const isRetryable = read(link, 'isRetryable');
    if (typeof isRetryable === 'boolean') return isRetryable;
  }
  return undefined;
}

function messagesOf(chain: readonly Fields[]): string {
  return chain.map((link) => textIn(link, 'message').slice(0, 1_000)).join('\n');
}

/** Of a breaker that is open. */
function ownPauseMs(chain: readonly Fields[]): number | undefined {
  const ms = read(chain.find(HotpathError.is), 'retryAfterMs');
  return typeof ms === 'number' && ms >= 0 ? ms : undefined;
}

function firstOf(chain: readonly Fields[], judged: (link: Fields) => FailureKind | undefined): FailureKind | undefined {
  for (const link of chain) {
    const kind = judged(link);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

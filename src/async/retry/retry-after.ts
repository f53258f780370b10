import { type HeaderSource, headerOf } from '../rate/header-source.js';
import { httpDateMs, serverNow } from '../rate/http-date.js';
import { rateLimitField } from '../rate/rate-limit-field.js';
import { spanAt, spanOf } from './span.js';

/** What is left of a limit, and when it is full again, by the names that services use. */
const LIMITS: readonly (readonly [remaining: string, reset: string])[] = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['x-ratelimit-remaining', 'x-ratelimit-reset'],
  ['ratelimit-remaining', 'ratelimit-reset'],
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
];

/** Of no more digits than make sense, so that no pause is without end. */
const NUMBER = /^\d{1,15}(?:\.\d+)?$/;
/** RFC 3339, as in `2026-03-01T12:00:09Z`. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
/** Where a message says for how long: "Please try again in 1m30s", "Please retry after 7 seconds". */
const HINT = /\b(?:try again|retry) (?:in|after)\b/gi;
/** No message says it later than this. */
const LONGEST_MESSAGE = 4_000;
/** A bare number above it is a moment in seconds since the epoch, above a thousand times it in milliseconds; below, a span in seconds. */
const EPOCH_SECONDS = 1e9;

/**
 * How long the service asks to wait, in milliseconds; `undefined` where it asks for nothing. Looked at in turn: `retry-after-ms`, `retry-after`
 * (seconds or an HTTP date), the latest reset of the limits that have nothing left (`x-ratelimit-reset-*`, `ratelimit-reset`,
 * `anthropic-ratelimit-*-reset`, `RateLimit`), the text of the message.
 *
 * @param nowMs - milliseconds since the epoch, for what names a moment where the response has no `Date`
 */
export function retryAfterMs(
  headers: HeaderSource | undefined,
  message: string | undefined,
  nowMs: number,
): number | undefined {
  return askedPauseMs(headers, nowMs) ?? resetMs(headers, nowMs) ?? hintMs(message ?? '');
}

/** What `retry-after-ms` and `retry-after` alone say. */
export function askedPauseMs(headers: HeaderSource | undefined, nowMs: number): number | undefined {
  const ms = headerOf(headers, 'retry-after-ms')?.trim();
  if (ms !== undefined && NUMBER.test(ms)) return Number(ms);
  const after = headerOf(headers, 'retry-after')?.trim();
  if (after === undefined) return undefined;
  return NUMBER.test(after) ? Number(after) * 1_000 : untilDate(after, serverNow(headers, nowMs));
}

function resetMs(headers: HeaderSource | undefined, nowMs: number): number | undefined {
  const now = serverNow(headers, nowMs);
  const field = rateLimitField(headers);
  let latest = field?.remaining === 0 ? field.resetMs : undefined;
  for (const [remaining, reset] of LIMITS) {
    const left = headerOf(headers, remaining)?.trim();
    if (left === undefined || !NUMBER.test(left) || Number(left) > 0) continue;
    const text = headerOf(headers, reset);
    const ms = text === undefined ? undefined : untilReset(text, now);
    if (ms !== undefined && !(latest !== undefined && latest >= ms)) latest = ms;
  }
  return latest;
}

/** Milliseconds until the moment that a reset header names: `6s`, `1m30s`, `634ms`, seconds, seconds or milliseconds since the epoch, a date. */
export function untilReset(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return spanOf(trimmed) ?? untilDate(trimmed, nowMs);
  const value = Number(trimmed);
  if (value < EPOCH_SECONDS) return value * 1_000;
  return Math.max(0, value * (value < EPOCH_SECONDS * 1_000 ? 1_000 : 1) - nowMs);
}

function untilDate(text: string, nowMs: number): number | undefined {
  const at = DATE.test(text) ? Date.parse(text) : (httpDateMs(text) ?? Number.NaN);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function hintMs(message: string): number | undefined {
  const text = message.slice(0, LONGEST_MESSAGE);
  for (const hint of text.matchAll(HINT)) {
    const ms = spanAt(text, hint.index + hint[0].length);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

import { untilReset } from '../retry/retry-after.js';
import { type HeaderSource, headerOf } from './header-source.js';
import { serverNow } from './http-date.js';
import { rateLimitField } from './rate-limit-field.js';

/** What a response says of one limit. */
export interface LimitReading {
  /** In a window; absent where the header does not say of what window it is. */
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** Milliseconds until it is full again. */
  readonly resetMs: number | undefined;
  /** It fills up little by little until then (a token bucket), not at once. */
  readonly isContinuous: boolean;
}

/** What a response says of its limits. */
export interface HeaderLimits {
  readonly requests: LimitReading | undefined;
  readonly tokens: LimitReading | undefined;
}

interface Names {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** Of services that document limits a minute and buckets that fill continuously. */
  readonly isContinuous: boolean;
}

/** OpenAI and those who follow it (Azure, Groq, Together, vLLM gateways); Anthropic; the drafts of the IETF and GitHub. */
const REQUESTS: readonly Names[] = [
  bucket('x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'),
  bucket(
    'anthropic-ratelimit-requests-limit',
    'anthropic-ratelimit-requests-remaining',
    'anthropic-ratelimit-requests-reset',
  ),
  fixed('x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'),
  fixed('ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'),
];
const TOKENS: readonly Names[] = [
  bucket('x-ratelimit-limit-tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'),
  bucket(
    'anthropic-ratelimit-tokens-limit',
    'anthropic-ratelimit-tokens-remaining',
    'anthropic-ratelimit-tokens-reset',
  ),
  bucket(
    'anthropic-ratelimit-input-tokens-limit',
    'anthropic-ratelimit-input-tokens-remaining',
    'anthropic-ratelimit-input-tokens-reset',
  ),
];

const NUMBER = /^\d{1,15}(?:\.\d+)?$/;

/**
 * Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, `anthropic-ratelimit-{requests,tokens,input-tokens}-*`,
 * `x-ratelimit-*`, `ratelimit-*` and `RateLimit`. Of several the first that says anything counts. What cannot be read is as if it were absent.
 *
 * @param nowMs - milliseconds since the epoch, for resets that name a moment
 */
export function headerLimits(headers: HeaderSource, nowMs: number): HeaderLimits | undefined {
  const now = serverNow(headers, nowMs);
  const requests = firstOf(REQUESTS, headers, now) ?? ofField(headers);
  const tokens = firstOf(TOKENS, headers, now);
  return requests === undefined && tokens === undefined ? undefined : { requests, tokens };
}

function firstOf(all: readonly Names[], headers: HeaderSource, now: number): LimitReading | undefined {
  for (const { limit, remaining, reset, isContinuous } of all) {
    const most = numberOf(headers, limit);
    const left = numberOf(headers, remaining);
    if (most === undefined && left === undefined) continue;
    const until = headerOf(headers, reset);
    return {
      // A limit of 0 would be one of nothing at all; services that have switched a limit off say so with it.
      limit: isContinuous && most !== undefined && most >= 1 ? Math.floor(most) : undefined,
      remaining: left,
      resetMs: until === undefined ? undefined : untilReset(until, now),
      isContinuous,
    };
  }
  return undefined;
}

function numberOf(headers: HeaderSource, name: string): number | undefined {
  const text = headerOf(headers, name)?.trim();
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

function ofField(headers: HeaderSource): LimitReading | undefined {
  const field = rateLimitField(headers);
  return field && { limit: undefined, ...field, isContinuous: false };
}

function bucket(limit: string, remaining: string, reset: string): Names {
  return { limit, remaining, reset, isContinuous: true };
}

function fixed(limit: string, remaining: string, reset: string): Names {
  return { limit, remaining, reset, isContinuous: false };
}

import { type HeaderSource, headerOf } from './header-source.js';

/** What the field says of the limit that has least left. */
export interface RateLimitField {
  readonly remaining: number;
  readonly resetMs: number | undefined;
}

/** No field of sense is longer. */
const LONGEST = 2_000;
const COUNT = /^\d{1,15}$/;

/**
 * Reads `RateLimit: "default";r=0;t=30` (draft-ietf-httpapi-ratelimit-headers, from version 8 on): `r` is left, for `t` seconds. Of several
 * limits the one with least left counts, of those the one that is full again last.
 */
export function rateLimitField(headers: HeaderSource | undefined): RateLimitField | undefined {
  // Names in quotes say nothing to us, and may hold what divides the rest.
  const text =
    headerOf(headers, 'ratelimit')
      ?.slice(0, LONGEST)
      .replace(/"[^"]*"/g, '') ?? '';
  let least: RateLimitField | undefined;
  for (const item of text.split(',')) {
    const remaining = parameter(item, 'r');
    if (remaining === undefined) continue;
    const seconds = parameter(item, 't');
    const resetMs = seconds === undefined ? undefined : seconds * 1_000;
    const isLess =
      least === undefined ||
      remaining < least.remaining ||
      (remaining === least.remaining && (resetMs ?? 0) > (least.resetMs ?? 0));
    if (isLess) least = { remaining, resetMs };
  }
  return least;
}

function parameter(item: string, name: string): number | undefined {
  for (const part of item.split(';')) {
    const [key, value = ''] = part.split('=');
    if (key?.trim() === name && COUNT.test(value.trim())) return Number(value);
  }
  return undefined;
}

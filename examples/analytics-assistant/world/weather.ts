import { createHash } from 'node:crypto';

/** The model calls of a real service, as they would be: log-normal, this median and this 95th percentile. */
export const LATENCY = { medianMs: 1_200, p95Ms: 2_500 } as const;
/** Some first attempts are turned away; a second attempt never is. */
export const RATE_LIMIT = { share: 0.03, replyMs: 80, retryAfterMs: 500 } as const;

/** What happens to one attempt of one request. Times are those of the real service, before any scaling. */
export type Fate =
  | { readonly kind: 'served'; readonly ms: number }
  | { readonly kind: 'rate-limited'; readonly ms: number };

/**
 * Seed, request text and attempt decide all of it, so every column meets the same weather: the same request is as slow, and
 * as often turned away, whoever sends it and whenever.
 */
export function fateOf(seed: number, requestText: string, attempt: number): Fate {
  const digest = createHash('sha256').update(`${seed}\n${attempt}\n${requestText}`).digest();
  const [limit, first, second] = [0, 8, 16].map(
    (offset) => (Number(digest.readBigUInt64BE(offset) >> 11n) + 0.5) / 2 ** 53,
  ) as [number, number, number];
  if (attempt === 0 && limit < RATE_LIMIT.share) return { kind: 'rate-limited', ms: RATE_LIMIT.replyMs };
  const normal = Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
  const spread = Math.log(LATENCY.p95Ms / LATENCY.medianMs) / 1.6449;
  return { kind: 'served', ms: LATENCY.medianMs * Math.exp(spread * normal) };
}

/** All the model time a request has cost by the time this attempt is served: earlier refusals and the waits they asked for included. */
export function simulatedMs(seed: number, requestText: string, attempt: number): number {
  let ms = 0;
  for (let earlier = 0; earlier < attempt; earlier++) {
    ms += fateOf(seed, requestText, earlier).ms + RATE_LIMIT.retryAfterMs;
  }
  return ms + fateOf(seed, requestText, attempt).ms;
}

/**
 * How the two workers watch over each other. The defaults are 1 s, 5 s and up to 30 s; here they are shorter, so that a stop of
 * a few seconds outlasts every one of them.
 */
export const COORDINATION = { heartbeat: 250, degradedTtl: 1_000 } as const;
export const REDIS_BREAKER = { cooldown: 250, maxCooldown: 500 } as const;

/** Nobody waits longer than this for an answer: two model calls, a statement and all deadlines of hotpath are far less. */
export const LONGEST_MS = 5_000;

/**
 * How long after a change another worker may still answer from before it: with Redis there, until the message or the next
 * heartbeat; with Redis away, until that is noticed, which takes three heartbeats, and as long as what is in memory lives then.
 * One heartbeat more is for a machine that is slow to run timers.
 */
export const BOUND_MS: number = (3 + 1) * COORDINATION.heartbeat + COORDINATION.degradedTtl;

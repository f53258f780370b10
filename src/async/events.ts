/** Events of an `AsyncProcessor`: flat data, never items, arguments or results. */
export interface AsyncEvents {
  /** A failed attempt is followed by another after `delayMs`. */
  retry: { attempt: number; delayMs: number; reason: string; status: number | undefined; error: unknown };
  /** A failed call that might have been tried again was not. */
  'retry:refused': { attempt: number; why: 'attempts' | 'elapsed' | 'budget' | 'retry-after'; error: unknown };
  /** A call had to leave the queue, or was not let in. */
  drop: { why: 'full' | 'lower-priority' | 'oldest'; priority: number; group: string; waitedMs: number };
  /** The concurrency that the service bears was found to be another. */
  limit: { limit: number; before: number; why: 'success' | 'overload' };
  /** The service asked for a pause: nothing starts before it is over. */
  cooldown: { ms: number; status: number | undefined };
  breaker: { state: 'closed' | 'open' | 'half-open'; reason: string };
  /** An attempt took longer than its `timeout`. */
  timeout: { timeoutMs: number; attempt: number };
  /** A function that was told to stop did not, and has lost its slot; it may still run. */
  abandoned: { afterMs: number };
  /** The shared rate limit is out of reach: this process keeps to its part. */
  'rate:local': { reason: string; share: number };
  'rate:shared': { localMs: number };
  /** A batch failed and is tried again in two halves. */
  halved: { size: number; error: unknown };
  /** A call has come to its end. It comes with every call: built only while somebody listens. */
  settled: { status: 'fulfilled' | 'rejected'; attempts: number; queueMs: number; runMs: number; group: string };
  /** Something of ours, a listener or a hook failed. The host's call went on. */
  error: { error: unknown; during: string };
}

export const EVENT_NAMES: readonly (keyof AsyncEvents)[] = [
  'retry',
  'retry:refused',
  'drop',
  'limit',
  'cooldown',
  'breaker',
  'timeout',
  'abandoned',
  'rate:local',
  'rate:shared',
  'halved',
  'settled',
  'error',
];

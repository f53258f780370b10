import { serversFor } from './erlang.js';
import type { SampleSummary } from './pool-samples.js';

/** How large a pool should be, and what says so. */
export interface PoolAdvice {
  /** `bursts`: the size is enough for the load, and calls wait because they come at once. */
  readonly verdict: 'keep' | 'more' | 'fewer' | 'bursts' | 'not enough seen';
  /** Connections. What the pool has now, where the verdict is none of `more` and `fewer`. */
  readonly size: number;
  /** The evidence, in words and figures. */
  readonly why: string;
}

/** Fewer calls, or looks, say nothing. */
const FEWEST_CALLS = 100;
const FEWEST_SAMPLES = 50;
/** The wait that a pool may cost, as a part of the time that a connection is held. */
const MOST_WAIT = 0.1;

/**
 * Little's law (1961): connections in use on average are calls a second times seconds that each holds one. From what was in
 * use follows how long they are held; from that and all calls that came, the load; from the load the size (Erlang C) at which
 * the wait is a tenth of the hold time at most.
 *
 * No clock, no I/O.
 *
 * @param max - connections of the pool now, Infinity where it has no bound
 */
export function poolAdvice(seen: SampleSummary, max: number): PoolAdvice {
  const { samples, arrivals, acquired, spanMs } = seen;
  if (samples < FEWEST_SAMPLES || arrivals < FEWEST_CALLS || acquired === 0) {
    const why = `${arrivals} calls in ${seconds(spanMs)}: advice needs ${FEWEST_CALLS} calls and ${FEWEST_SAMPLES} looks at the pool`;
    return { verdict: 'not enough seen', size: max, why };
  }
  const holdMs = (seen.meanInUse * spanMs) / acquired;
  const load = (arrivals / spanMs) * holdMs;
  const needed = serversFor(load, MOST_WAIT);
  const waitMs = (seen.meanWaiting * spanMs) / arrivals;
  const evidence =
    `${figure((arrivals / spanMs) * 1_000)} calls a second, each held a connection for ${figure(holdMs)} ms: a load of ${figure(load)} connections (Little's law). ` +
    `${figure(seen.meanInUse)} of ${max === Infinity ? 'any number' : max} were in use on average, all of them ${figure(seen.fullShare * 100)} % of the time; calls waited ${figure(waitMs)} ms on average.`;
  return verdict(seen, { max, needed, waits: waitMs > MOST_WAIT * holdMs }, evidence);
}

function verdict(
  seen: SampleSummary,
  { max, needed, waits }: { max: number; needed: number; waits: boolean },
  evidence: string,
): PoolAdvice {
  if (needed > max) {
    const why = `${evidence} With ${needed} they would wait a tenth of that time or less, as long as the database stays as fast with so many; look again afterwards, since a full pool hides how much more is wanted.`;
    return { verdict: 'more', size: needed, why };
  }
  if (waits) {
    const why = `${evidence} The size is enough for that load: calls come in bursts, of which up to ${seen.mostWaiting} waited at once. Bound how many come at once (the concurrency of who calls), or accept the wait.`;
    return { verdict: 'bursts', size: max, why };
  }
  const enough = Math.max(needed, seen.mostInUse);
  if (enough * 2 <= max && max !== Infinity) {
    const why = `${evidence} Never more than ${seen.mostInUse} were seen in use: ${enough} are enough, and leave the database's connections to others.`;
    return { verdict: 'fewer', size: enough, why };
  }
  return { verdict: 'keep', size: max, why: `${evidence} ${needed} are needed.` };
}

function seconds(ms: number): string {
  return `${figure(ms / 1_000)} s`;
}

/** Three significant digits. */
function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

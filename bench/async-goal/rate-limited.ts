import type { loadAsync } from '../async-subject.js';
import type { RateTimes } from './batch-times.js';

const ALLOWED = 200;
const WINDOW_MS = 2_000;
const CALL_MS = 5;

/** Calls for as many windows as the limit lets start, as fast as it does; each notes when it began. */
export async function rateLimitedRun(
  { AsyncProcessor }: Awaited<ReturnType<typeof loadAsync>>,
  windows: number,
): Promise<RateTimes> {
  const processor = new AsyncProcessor({
    concurrency: 50,
    rateLimit: { requestsPerMinute: ALLOWED, window: WINDOW_MS },
  });
  const input = Array.from({ length: ALLOWED * windows }, (_, n) => n);
  const starts: number[] = [];
  await processor.process(input, async () => {
    starts.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, CALL_MS));
  });
  await processor.close();
  if (starts.length !== input.length) throw new Error(`${starts.length} calls of ${input.length} were made.`);
  const spanMs = starts.at(-1)! - starts[0]!;
  return {
    allowed: ALLOWED,
    windowMs: WINDOW_MS,
    starts: starts.length,
    spanMs,
    achieved: (starts.length - ALLOWED) / ((ALLOWED / WINDOW_MS) * spanMs),
    most: mostInWindow(starts, WINDOW_MS),
    shortestMs: Math.min(...starts.slice(ALLOWED).map((moment, n) => moment - starts[n]!)),
  };
}

/** Exact: a window that holds most begins with a call. Moments stand in order; a window does not hold its own end. */
function mostInWindow(moments: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < moments.length; last++) {
    while (moments[last]! - moments[first]! >= windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

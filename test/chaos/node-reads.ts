import { type ChaosNode, pause, type RowRead } from './chaos-node.js';
import { monotonicUs } from './shared-rows.js';

/** Many reads of one row begun at once. */
export interface Burst extends RowRead {
  readonly calls: number;
}

export interface BurstResult {
  /** The different values that came back. */
  readonly values: readonly number[];
  /** Milliseconds of the slowest call. */
  readonly slowestMs: number;
}

export async function readBurst(node: ChaosNode, { calls, ...read }: Burst): Promise<BurstResult> {
  const from = performance.now();
  let slowestMs = 0;
  const values = await Promise.all(
    Array.from({ length: calls }, async () => {
      const value = await node.read(read);
      slowestMs = Math.max(slowestMs, performance.now() - from);
      return value;
    }),
  );
  return { values: [...new Set(values)], slowestMs };
}

/** Reads of one row, `concurrency` at a time, until there were `reads` of them or `forMs` have passed. */
export interface RepeatedReads extends RowRead {
  readonly reads?: number;
  readonly forMs?: number;
  /** The version that a read must at least see; below it, it is stale. */
  readonly floor: number;
  readonly concurrency?: number;
  /** Between two reads. @default 0: none */
  readonly pauseMs?: number;
}

export interface RepeatedResult {
  readonly reads: number;
  readonly stale: number;
  /** Monotonic time of the beginning of the last stale read; 0 without one. */
  readonly lastStaleUs: number;
  readonly slowestMs: number;
  /** Reads that were rejected, by message. */
  readonly errors: readonly string[];
  readonly memoryHits: number;
}

export async function readRepeatedly(node: ChaosNode, options: RepeatedReads): Promise<RepeatedResult> {
  const { reads = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY, floor, concurrency = 1 } = options;
  const { pauseMs = 0 } = options;
  const before = node.cache.stats().memoryHits;
  const end = performance.now() + forMs;
  const errors = new Set<string>();
  let begun = 0;
  let stale = 0;
  let lastStaleUs = 0;
  let slowestMs = 0;
  const loop = async (): Promise<void> => {
    while (begun < reads && performance.now() < end) {
      begun++;
      const startedUs = monotonicUs();
      try {
        const value = await node.read(options);
        if (value < floor) {
          stale++;
          lastStaleUs = Math.max(lastStaleUs, startedUs);
        }
      } catch (error) {
        errors.add(`${error}`);
      }
      slowestMs = Math.max(slowestMs, (monotonicUs() - startedUs) / 1000);
      // Reads from memory alone would never let timers and sockets have their turn.
      if (pauseMs > 0) await pause(pauseMs);
      else if (begun % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const memoryHits = node.cache.stats().memoryHits - before;
  return { reads: begun, stale, lastStaleUs, slowestMs, errors: [...errors], memoryHits };
}

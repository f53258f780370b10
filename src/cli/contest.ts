import { Bench } from 'tinybench';

/** What one contestant does in a timed slice. */
export interface ContestEntry {
  readonly name: string;
  /** How many operations one `run` does; the time of a run is divided by it. */
  readonly operations: number;
  run(): unknown;
}

export interface ContestOptions {
  /** Rounds that count. Every round gives each contestant one slice. */
  readonly rounds: number;
  /** Length of one slice, in milliseconds. At least one run is made, however long it takes. */
  readonly sliceMs: number;
  /** Rounds that are run first and thrown away, so that all code is compiled before anything counts. Default 2. */
  readonly warmupRounds?: number;
}

/** Nanoseconds for one operation: one figure a round, in the order of the rounds. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Times contestants against each other in interleaved rounds: a disturbance on the machine then falls on all of them, and
 * figures of one round can be divided by one another. The order moves on by one each round, so that nobody always runs
 * after the same neighbour. A slice counts with its mean, which holds the garbage collection a contestant causes.
 */
export async function contest(entries: readonly ContestEntry[], options: ContestOptions): Promise<RoundTimes> {
  const { rounds, sliceMs, warmupRounds = 2 } = options;
  const times = new Map<string, number[]>(entries.map((entry) => [entry.name, []]));
  for (let round = -warmupRounds; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const entry = entries[(turn + round + warmupRounds) % entries.length]!;
      const nanoseconds = await timeSlice(entry, sliceMs);
      if (round >= 0) times.get(entry.name)!.push(nanoseconds);
    }
  }
  return times;
}

async function timeSlice(entry: ContestEntry, sliceMs: number): Promise<number> {
  collectGarbage();
  const bench = new Bench({ time: sliceMs, iterations: 1, warmup: false, throws: true });
  bench.add(entry.name, () => entry.run());
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') throw new Error(`The slice of ${entry.name} did not complete.`);
  return (result.latency.mean * 1e6) / entry.operations;
}

/** Sets the next slice free of what the one before left behind, where Node was started with --expose-gc. */
function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The ratio of two contestants in each round: both ran within the same second, so the machine's mood cancels out. */
export function ratios(times: RoundTimes, name: string, base: string): number[] {
  const below = times.get(base) ?? [];
  return (times.get(name) ?? []).map((value, round) => value / below[round]!);
}

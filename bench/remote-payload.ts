/** What the shared tier holds: the rows of a small report query, 1.8 kB as JSON. */
export interface ResultRows {
  readonly id: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | number | boolean | null>>[];
}

const REGIONS = ['north', 'south', 'east', 'west'];

/** The same key gives the same rows, in every process. */
export function resultRows(key: string): ResultRows {
  let seed = 17;
  for (let i = 0; i < key.length; i++) seed = (Math.imul(seed, 31) + key.charCodeAt(i)) >>> 0;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed >>> 8) % below;
  };
  const rows = Array.from({ length: 12 }, (_, i) => ({
    order_id: 100_000 + next(900_000),
    customer: `Customer ${next(5_000)} GmbH`,
    region: REGIONS[next(REGIONS.length)]!,
    amount: next(1_000_000) / 100,
    paid: i % 3 !== 0,
    ordered_at: `2026-0${1 + next(9)}-1${next(10)}T08:${10 + next(50)}:00.000Z`,
  }));
  return { id: key, columns: Object.keys(rows[0]!), rows };
}

export function reportKeys(count: number, prefix = 'report'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
}

/** Counts its runs, so that a bench can show what it timed. */
export class ResultLoader {
  runs = 0;
  readonly #delayMs: number;

  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  readonly load = async (key: string): Promise<ResultRows> => {
    this.runs++;
    if (this.#delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
    return resultRows(key);
  };
}

import { monotonicUs } from './shared-rows.js';

/** Values of one read in the log, in this order. Times and versions are microseconds of the monotonic clock. */
export const READ_COLUMNS = ['row', 'startedUs', 'endedUs', 'version', 'ownFloor', 'tokenFloor', 'kind'] as const;

/** What a read was, in the log by its place here. */
export const READ_KINDS = ['getOrSet', 'getOrSetMany', 'get'] as const;

export type ReadRecord = Record<(typeof READ_COLUMNS)[number], number>;

/** What the reads of one node saw, packed, so that a million of them can be sent to another process. */
export class ReadLog {
  readonly #values: number[] = [];

  /**
   * Call at the start of a read; give what came back to the result. What was not in the cache (`undefined`) is not logged.
   *
   * @param ownFloors - by row, what the node's own finished changes demand
   * @param tokenFloors - by row, what the token of the read demands
   */
  begin(
    rows: readonly number[],
    ownFloors: readonly number[],
    tokenFloors: readonly number[] | undefined,
    kind: (typeof READ_KINDS)[number],
  ): (versions: readonly (number | undefined)[]) => void {
    const startedUs = monotonicUs();
    // As they are now: they rise while the read is under way.
    const demands = rows.map((row) => [ownFloors[row] ?? 0, tokenFloors?.[row] ?? 0] as const);
    return (versions) => {
      const endedUs = monotonicUs();
      for (const [i, row] of rows.entries()) {
        const version = versions[i];
        if (version !== undefined)
          this.#values.push(row, startedUs, endedUs, version, ...demands[i]!, READ_KINDS.indexOf(kind));
      }
    };
  }

  columns(): Float64Array {
    return Float64Array.from(this.#values);
  }
}

/** The reads of a packed log. */
export function* readsOf(columns: Float64Array): Generator<ReadRecord> {
  for (let at = 0; at < columns.length; at += READ_COLUMNS.length) {
    yield {
      row: columns[at]!,
      startedUs: columns[at + 1]!,
      endedUs: columns[at + 2]!,
      version: columns[at + 3]!,
      ownFloor: columns[at + 4]!,
      tokenFloor: columns[at + 5]!,
      kind: columns[at + 6]!,
    };
  }
}

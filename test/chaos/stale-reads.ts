import type { Change, History } from './random-workload.js';
import { type ReadRecord, readsOf } from './read-log.js';

/** A read that saw less than it had to, by which rule. */
export interface StaleRead {
  /**
   * `own`: older than a change that its own node had finished. `token`: older than the token it was given. `others`: older
   * than a change that another node had finished longer ago than the bound.
   */
  readonly rule: 'own' | 'token' | 'others';
  readonly node: number;
  readonly read: ReadRecord;
  readonly floor: number;
  /** The changes that asked for that floor; told of the first few. */
  readonly because: readonly string[];
}

/** What a run of several nodes came to. */
export interface Verdict {
  readonly reads: number;
  readonly stale: readonly StaleRead[];
  /** Milliseconds from the end of a change until the start of the last read elsewhere, without token, that still saw the value before it. */
  readonly longestLagMs: number;
}

const EXPLAINED = 10;

/** Finished changes of one row in the order of their ends, each with the highest floor so far. */
interface RowFloors {
  readonly resolvedUs: number[];
  readonly floor: number[];
}

/**
 * Looks for stale reads in the histories of all nodes.
 *
 * @param boundMs - how long after the end of a change another node may still serve what was before it
 */
export function findStaleReads(histories: readonly History[], boundMs: number): Verdict {
  const floors = floorsByRow(histories.flatMap(({ changes }) => changes));
  const stale: StaleRead[] = [];
  let reads = 0;
  let longestLagUs = 0;
  for (const [node, history] of histories.entries()) {
    for (const read of readsOf(history.reads)) {
      reads++;
      const row = floors.get(read.row);
      const othersFloor = row ? floorAt(row, read.startedUs - boundMs * 1000) : 0;
      const rule =
        read.version < read.ownFloor
          ? 'own'
          : read.version < read.tokenFloor
            ? 'token'
            : read.version < othersFloor
              ? 'others'
              : undefined;
      if (row) longestLagUs = Math.max(longestLagUs, lagUs(row, read));
      if (rule === undefined) continue;
      const floor = { own: read.ownFloor, token: read.tokenFloor, others: othersFloor }[rule];
      const because = stale.length < EXPLAINED ? reasons(histories, read.row, floor) : [];
      stale.push({ rule, node, read, floor, because });
    }
  }
  return { reads, stale, longestLagMs: longestLagUs / 1000 };
}

function floorsByRow(changes: readonly Change[]): Map<number, RowFloors> {
  const byRow = new Map<number, RowFloors>();
  for (const change of [...changes].sort((a, b) => a.resolvedUs - b.resolvedUs)) {
    for (const [i, row] of change.rows.entries()) {
      const floors = byRow.get(row) ?? { resolvedUs: [], floor: [] };
      byRow.set(row, floors);
      floors.resolvedUs.push(change.resolvedUs);
      floors.floor.push(Math.max(floors.floor.at(-1) ?? 0, change.floors[i]!));
    }
  }
  return byRow;
}

/** The floor of all changes that had ended by then. */
function floorAt({ resolvedUs, floor }: RowFloors, us: number): number {
  let low = 0;
  let high = resolvedUs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (resolvedUs[middle]! <= us) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : floor[low - 1]!;
}

/** How long the oldest change that this read missed had been over when it began. */
function lagUs({ resolvedUs, floor }: RowFloors, read: ReadRecord): number {
  let low = 0;
  let high = floor.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (floor[middle]! <= read.version) low = middle + 1;
    else high = middle;
  }
  return low === floor.length ? 0 : Math.max(0, read.startedUs - resolvedUs[low]!);
}

function reasons(histories: readonly History[], row: number, floor: number): string[] {
  return histories.flatMap(({ changes }, node) =>
    changes
      .filter((change) => change.floors[change.rows.indexOf(row)] === floor)
      .map(({ how, resolvedUs, remote }) => `${how} by node ${node}, ${remote} at ${resolvedUs}`),
  );
}

/** What the order of trimming depends on. */
export interface TrimRank {
  readonly priority: number;
  /** Time that its contents have saved of late for each byte; `undefined` where it does not say. */
  readonly worth: number | undefined;
  readonly bytes: number | undefined;
}

/**
 * Compares two in the order of trimming: the lower priority first; among equals what saves least for its bytes, which only caches say; then
 * those that do not say, the larger first.
 */
export function trimOrder(a: TrimRank, b: TrimRank): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.worth !== undefined && b.worth !== undefined) return a.worth - b.worth || larger(a, b);
  if (a.worth === undefined && b.worth === undefined) return larger(a, b);
  return a.worth === undefined ? 1 : -1;
}

function larger(a: TrimRank, b: TrimRank): number {
  return (b.bytes ?? 0) - (a.bytes ?? 0);
}

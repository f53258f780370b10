import type { Lane } from './lane.js';
import type { Linked } from './linked-list.js';

/** A tenant, user or job whose calls share with those of others. */
export interface Group extends Linked<Group> {
  readonly name: string;
  /** Slots that its calls hold. */
  active: number;
  waiting: number;
  /** Slots that it wants, up to its share. */
  claim: number;
  /** It wanted more than its share, and has not come down to half of it since. */
  isNoisy: boolean;
  /** When a call of it last entered, in milliseconds since the epoch, and as which of all calls. */
  servedAt: number;
  turn: number;
  /** The virtual time at which its next call starts. */
  start: number;
  idleSince: number;
  /** `'busy'` while calls of it run or wait, `'lately'` for a while after, then `'owing'` when it has used more than its share. */
  standing: 'busy' | 'lately' | 'owing';
  readonly lanes: Lane[];
}

/** When slots are scarce: the group with the fewest, of those the one that was served least recently. */
export function isServedBefore(a: Lane, b: Lane): boolean {
  const one = a.group!;
  const other = b.group!;
  if (one.active !== other.active) return one.active < other.active;
  return one.servedAt === other.servedAt ? one.turn < other.turn : one.servedAt < other.servedAt;
}

/** When the rate is scarce: the group whose next call starts first in virtual time. */
export function startsBefore(a: Lane, b: Lane): boolean {
  const one = a.group!;
  const other = b.group!;
  return one.start === other.start ? one.turn < other.turn : one.start < other.start;
}

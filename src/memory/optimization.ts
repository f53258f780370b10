import type { ForcedCollection, Trim } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';

/**
 * Why the collector was not called. `policy`: `gc` is `off`, or nothing is exposed. `too-soon`: the last call on purpose is less than `gcInterval`
 * ago, or less than 50 times what it took. `just-collected`: a major collection came by itself in the last 5 s, and nothing was freed since. `observed`: the mode
 * is `observe`.
 */
export type CollectionSkip = 'policy' | 'too-soon' | 'just-collected' | 'observed';

/** A step that was taken, or left out. */
export type MemoryAction =
  | ({ readonly kind: 'trim' } & Trim)
  | ({ readonly kind: 'gc'; readonly outcome: 'collected' } & ForcedCollection)
  | { readonly kind: 'gc'; readonly outcome: 'failed' }
  | { readonly kind: 'gc'; readonly outcome: 'skipped'; readonly why: CollectionSkip };

/** What was done about memory. */
export interface Optimization {
  readonly level: MemoryLevel;
  /** As those who gave it back say. It is there for others once the collector has been by. */
  readonly freedBytes: number;
  readonly actions: readonly MemoryAction[];
  /**
   * What the state of memory asked for. `calm`: nothing. `pending`: enough was freed before, and waits for the collector. `pressed`: some
   * bytes. `critical`: all there is. `off`: the mode is `off`.
   */
  readonly reason: 'calm' | 'pending' | 'pressed' | 'critical' | 'off';
}

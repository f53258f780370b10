/** A call that waits for its turn. */
export interface Waiter {
  /** Higher ones first. */
  readonly priority: number;
  /** Whose share of the slots it counts to. */
  readonly group: string;
  /** What it will reserve of the limit of tokens. */
  readonly tokens: number;
  /** Of a batch, which bounds itself: it never leaves because the queue is full, and does not count to its bound. */
  readonly isExempt: boolean;
  /** When it began to wait, in milliseconds since the epoch. */
  readonly since: number;
  /** Places in the queue's own lists. Nobody else touches them. */
  previous: Waiter | undefined;
  next: Waiter | undefined;
  isWaiting: boolean;
  /** Its turn has come. */
  admit(): void;
  /** It had to leave before its turn. */
  refuse(error: Error): void;
}

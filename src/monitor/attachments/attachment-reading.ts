/** What an attached object is, told by its shape. */
export type AttachmentKind = 'cache' | 'llm' | 'processor' | 'memory' | 'optimizer';

/** An attached object's figures at the last sample. */
export interface AttachmentReading {
  /** As it was attached: `cache` in `attach({ cache })`. */
  readonly name: string;
  readonly kind: AttachmentKind;
  /** Running totals: `hits`, `misses`, `loads` ... Counted by its owner since it was made. */
  readonly counters: Readonly<Record<string, number>>;
  /** Figures as they stand: `entries`, `bytes`, `queued`, `hitRate` ... */
  readonly gauges: Readonly<Record<string, number>>;
  /** Counts by a reason from a closed list: `{ missReasons: { absent: 3, expired: 1 } }`. */
  readonly reasons: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** States by name: `{ remote: 'closed', bus: 'live', level: 'normal' }`. */
  readonly states: Readonly<Record<string, string>>;
}

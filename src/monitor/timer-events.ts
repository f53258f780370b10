import type { Metadata, StageTime } from './exemplar.js';

/** A timer has begun: what is published on the diagnostics channel `hotpath:monitor:timer:start`. */
export interface TimerStartEvent {
  /** The `id` of the monitor. */
  readonly monitor: string;
  /** Of the timer, unique within its monitor: the same at its start and its end. */
  readonly id: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** When it began, milliseconds since the epoch, exact. */
  readonly at: number;
}

/** A timer has ended: what is published on the diagnostics channel `hotpath:monitor:timer:end`. */
export interface TimerEndEvent extends TimerStartEvent {
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** The first 50, in their order. */
  readonly stages: readonly StageTime[];
  readonly metadata: Metadata;
  /** Code or name of the error it ended with; absent where it went well. */
  readonly error?: string;
  /** Absent where nobody said. */
  readonly cache?: 'hit' | 'miss';
  /** Of a stream: milliseconds to its first chunk. */
  readonly firstChunkMs?: number;
}

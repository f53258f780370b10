import type { Metadata } from '../monitor/exemplar.js';
import type { BridgeTroubles } from './bridge-troubles.js';

/** A timer that has ended, or a stage of one: what the functions of a mapping are asked about. */
export interface MeasuredOperation {
  /** Of the timer. */
  readonly name: string;
  /** Of the stage; absent where it is the timer itself. */
  readonly stage?: string;
  /** Of the timer, and over them those of the stage. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the whole request. */
  readonly metadata: Metadata;
  readonly ms: number;
  /** Code or name of the error: of a stage, where it was under way when the request failed. */
  readonly error?: string;
}

/** A fact of an operation: always the same, or read from what was measured. `undefined` where it is not known. */
export type Fact<T> = T | ((operation: MeasuredOperation) => T | undefined);

/** The value of a fact; `undefined` where it is not known, or its function threw. */
export function factOf<T>(
  fact: Fact<T> | undefined,
  operation: MeasuredOperation,
  troubles: BridgeTroubles,
): T | undefined {
  if (typeof fact !== 'function') return fact;
  return troubles.guard('a function of the mapping', () =>
    (fact as (of: MeasuredOperation) => T | undefined)(operation),
  );
}

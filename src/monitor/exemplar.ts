/** Dimensions of a series: few values each, never ids. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** Facts about one request: plain values, shown as they are. Never prompts or answers, unless the host wants them there. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A part of a request. */
export interface StageTime {
  readonly name: string;
  /** Milliseconds after the start of the request. */
  readonly startMs: number;
  readonly ms: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One of the slowest requests, or largest values, of its slot. */
export interface Exemplar {
  readonly name: string;
  /** When it began, in milliseconds since the epoch; of a recorded value, when that was. */
  readonly at: number;
  /** In the unit of its series: milliseconds for requests. */
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly stages: readonly StageTime[];
  readonly metadata: Metadata;
  /** Name or code of the error it ended with. */
  readonly error?: string;
}

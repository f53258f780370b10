/** How far a job has come, as its store keeps it. */
export interface CheckpointState {
  /** What the source says of itself (`checkpoint.source`), or the digest of all its ids where they were known beforehand. */
  readonly source: string | undefined;
  /** All items before this index are done. */
  readonly watermark: number;
  /** SHA-256 over the ids of the items before the watermark, in order, as hex. */
  readonly digest: string;
  /** Items done at or after the watermark: index and id. */
  readonly ahead: readonly (readonly [index: number, id: string])[];
}

/** Where a job keeps how far it has come. */
export interface CheckpointStore {
  /** `undefined` for a job that has not begun. Begins a run: where it rejects there is nothing to close. */
  load(): Promise<CheckpointState | undefined>;
  /** These items are done. Resolves once that would survive the end of the process. Calls come one after another. */
  append(done: readonly (readonly [index: number, id: string])[]): Promise<void>;
  /** Replaces all that was kept; atomic. */
  save(state: CheckpointState): Promise<void>;
  /** The job has ended, or could not begin after `load()` had resolved. `load()` may begin the next one. */
  close(): Promise<void>;
}

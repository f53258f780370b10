/** Something that takes in one value after the other. */
export interface RecordContestant {
  readonly name: string;
  readonly version: string;
  /** Records all values once. */
  run(): void;
  /** Values recorded so far. */
  count(): number | Promise<number>;
  close?(): Promise<void>;
}

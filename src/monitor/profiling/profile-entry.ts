/** A finished profile on disk. */
export interface ProfileEntry {
  /** File name: letters, digits, `-`, `_` and `.` only. */
  readonly file: string;
  readonly path: string;
  readonly kind: 'cpu' | 'heap';
  readonly startedAt: number;
  readonly ms: number;
  readonly bytes: number;
  /** `on demand`, or what was breached. */
  readonly reason: string;
  /** Functions by the time spent, or the bytes allocated, in themselves; most first. */
  readonly top: readonly {
    readonly name: string;
    readonly location: string;
    readonly self: number;
    readonly share: number;
  }[];
}

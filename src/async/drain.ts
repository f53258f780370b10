/** What became of the work that was under way when a drain began, and of what came while it lasted. */
export interface DrainReport {
  readonly completed: number;
  readonly failed: number;
  /** Whether it took longer than it was given, and what was left was stopped. */
  readonly aborted: boolean;
}

/** A name of ours, and nothing that looks nearly like one: what matches may be deleted. */
const CPU = /^cpu-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)-\d+(?:w\d+)?(?:-\d+)?\.cpuprofile(\.tmp)?$/;
const HEAP = /^heap-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)-\d+(?:w\d+)?(?:-\d+)?\.heapprofile(\.tmp)?$/;

/** What the name of a profile says. */
export interface ProfileFile {
  readonly name: string;
  /** When it began, in a form that sorts: `2026-11-22T18-55-49-123Z`. */
  readonly stamp: string;
  /** Whether it is being written, or was left when a process died at it. */
  readonly isPartial: boolean;
}

/** `undefined` for files that are not ours. */
export function parseProfileFile(name: string): ProfileFile | undefined {
  const match = CPU.exec(name) ?? HEAP.exec(name);
  return match ? { name, stamp: match[1]!, isPartial: match[2] !== undefined } : undefined;
}

/** The moment in the form of {@link ProfileFile.stamp}. */
export function profileStamp(at: number): string {
  return new Date(at).toISOString().replace(/[:.]/g, '-');
}

/**
 * A name that is not taken: `cpu-2026-11-22T18-55-49-123Z-4711.cpuprofile`.
 *
 * @param maker - the process, and the worker thread: `4711`, `4711w2`
 */
export function profileFileName(kind: 'cpu' | 'heap', at: number, maker: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const name = `${kind}-${profileStamp(at)}-${maker}${n === 1 ? '' : `-${n}`}.${kind}profile`;
    if (!taken.has(name) && !taken.has(`${name}.tmp`)) return name;
  }
}

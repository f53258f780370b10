import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Microseconds of the machine's monotonic clock: the same clock in every process. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Writers a file has room for. */
const WRITERS = 8;
const BYTES = 8;

/**
 * The database behind the caches under test: a file of rows that several processes read and write at once. A row holds one
 * thing, the moment of its last write, so that a value read through a cache tells by itself how old it is. Each process
 * writes to a place of its own in every row and a read takes the latest, so a row never steps back.
 */
export class SharedRows {
  readonly #file: number;
  readonly #writer: number;
  readonly #row = Buffer.alloc(WRITERS * BYTES);

  constructor(path: string, writer: number) {
    if (writer >= WRITERS) throw new Error(`at most ${WRITERS} writers`);
    this.#file = openSync(path, 'r+');
    this.#writer = writer;
  }

  /** The version of a row: the monotonic time of its last write. Synchronous. */
  read(row: number): number {
    readSync(this.#file, this.#row, 0, this.#row.length, row * this.#row.length);
    let latest = 0;
    for (let i = 0; i < WRITERS; i++) latest = Math.max(latest, this.#row.readDoubleLE(i * BYTES));
    return latest;
  }

  /** Writes a row. Its new version; every read from now on, in any process, sees this one or a later one. */
  write(row: number): number {
    const version = monotonicUs();
    const bytes = Buffer.alloc(BYTES);
    bytes.writeDoubleLE(version);
    writeSync(this.#file, bytes, 0, BYTES, (row * WRITERS + this.#writer) * BYTES);
    return version;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A file for this many rows, all of the same first version. */
export function createRows(count: number): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'hotpath-rows-'));
  const path = join(folder, 'rows');
  const bytes = Buffer.alloc(count * WRITERS * BYTES);
  for (let row = 0; row < count; row++) bytes.writeDoubleLE(monotonicUs(), row * WRITERS * BYTES);
  writeFileSync(path, bytes);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

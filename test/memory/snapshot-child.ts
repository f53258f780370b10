import { MemoryManager, type Snapshot, type SnapshotOptions } from '../../src/memory/index.js';
import { systemMemoryReader } from '../../src/memory/memory-reader.js';
import { largeObjectBytes, snapshotBytes } from '../../src/memory/snapshot-room.js';

/** What a child does. */
export interface SnapshotTask {
  /** Rows to fill the heap with before: some 190 bytes each. */
  readonly rows?: number;
  /** Slots of one long list. */
  readonly slots?: number;
  readonly options: SnapshotOptions;
}

/** What a child whose snapshot was taken says. */
export interface SnapshotReport extends Snapshot {
  /** What was reckoned with. */
  readonly reservedBytes: number;
  /** Peak of resident memory, above what it was before. */
  readonly takenBytes: number;
}

class PlantedInTheHeap {}
const { rows = 0, slots = 0, options } = JSON.parse(process.argv[2]!) as SnapshotTask;
const planted = new PlantedInTheHeap();
const filling = Array.from({ length: rows }, (_, id) => ({ id, name: `row ${id}`, tags: [id, 'a'], at: id + 0.5 }));
const list = new Array(slots).fill(planted);
const reservedBytes = snapshotBytes(systemMemoryReader().heap().usedBytes, largeObjectBytes());
const rss = process.memoryUsage.rss();
await using memory = new MemoryManager();
try {
  const snapshot = await memory.snapshot(options);
  const takenBytes = process.resourceUsage().maxRSS * 1_024 - rss;
  console.log(JSON.stringify({ ...snapshot, reservedBytes, takenBytes } satisfies SnapshotReport));
} catch (error) {
  console.log(JSON.stringify({ code: (error as { code?: string }).code, message: (error as Error).message }));
}
// Held until here.
if (!(planted instanceof PlantedInTheHeap) || filling.length !== rows || list.length !== slots) process.exitCode = 1;

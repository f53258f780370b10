import type { CollectionListener } from '../../src/memory/collections.js';
import type { HeapFigures, MemoryReader } from '../../src/memory/memory-reader.js';

const MB = 2 ** 20;

/** Limits of the process that the script plays. */
export interface ScriptedLimits {
  /** V8's. Default 1,000. */
  readonly heapLimitMb?: number;
  /** Of the process, as `constrainedMemory` says it. Default 2,000. */
  readonly limitMb?: number;
  /** Of the machine. Default a million. */
  readonly totalMb?: number;
  /** Files as the system would show them: control groups. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A process whose memory is what the test says. Figures in Mb of 2^20 bytes. */
export class ScriptedReader implements MemoryReader {
  heapUsedMb = 100;
  heapCommittedMb = 100;
  externalMb = 0;
  rssMb = 150;
  oldGenerationMb = 80;
  /** Readings so far. */
  heapReads = 0;
  rssReads = 0;
  limitReads = 0;
  /** Makes the next readings of resident memory fail. */
  rssError: Error | undefined;
  heapLimitMb: number;
  limitMb: number;
  files: Readonly<Record<string, string>>;
  readonly limits: MemoryReader['limits'];
  readonly #listeners = new Set<CollectionListener>();

  constructor({ heapLimitMb = 1_000, limitMb = 2_000, totalMb = 2 ** 20, files = {} }: ScriptedLimits = {}) {
    this.heapLimitMb = heapLimitMb;
    this.limitMb = limitMb;
    this.files = files;
    this.limits = {
      readFile: (path) => this.files[path],
      totalMemory: () => totalMb * MB,
      constrainedMemory: () => {
        this.limitReads++;
        return this.limitMb * MB;
      },
      parallelism: () => 2,
      heapLimit: () => this.heapLimitMb * MB,
    };
  }

  /** How many listen to collections. */
  get listeners(): number {
    return this.#listeners.size;
  }

  heap(): HeapFigures {
    this.heapReads++;
    return {
      usedBytes: this.heapUsedMb * MB,
      committedBytes: Math.max(this.heapCommittedMb, this.heapUsedMb) * MB,
      limitBytes: this.heapLimitMb * MB,
      externalBytes: this.externalMb * MB,
    };
  }

  oldGenerationBytes(): number {
    return this.oldGenerationMb * MB;
  }

  rss(): number {
    this.rssReads++;
    if (this.rssError) throw this.rssError;
    return this.rssMb * MB;
  }

  watchCollections(listener: CollectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A collection, after which this much of the heap is alive. */
  collect(aliveMb: number, kind: 'major' | 'minor' = 'major', ms = 5): void {
    if (kind === 'major') {
      this.heapUsedMb = aliveMb;
      this.oldGenerationMb = aliveMb;
    }
    for (const listener of this.#listeners) listener({ kind, ms, isForced: false });
  }
}

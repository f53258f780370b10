import { getHeapStatistics } from 'node:v8';

const MB = 2 ** 20;
/** V8 reserves three semi-spaces beside the old generation, of 16 MB each unless a flag says otherwise. */
const SEMI_SPACES = 3;
const LARGEST_SEMI_SPACE_MB = 16;
/** With no flag a semi-space is this part of the old generation, up to the largest. */
const OLD_TO_SEMI_SPACE = 128;

/** What the limit follows from. */
export interface HeapLimitFacts {
  /** `heap_size_limit` of V8: old and young generation together. */
  readonly heapSizeLimit: number;
  /** Flags of the process, `NODE_OPTIONS` included, the last of one kind last. */
  readonly flags: readonly string[];
  /** Of a worker thread: `resourceLimits.maxYoungGenerationSizeMb`. What it says of the old one is not so where a flag sets it. */
  readonly workerYoungMb?: number | undefined;
}

/**
 * Bytes that the old generation may have: where V8 ends the process. What V8 calls the heap's limit has the young generation on top, which
 * is 48 MB of it even when the flag says 256, so that a share of that figure never comes near 1.
 *
 * Source: `Heap::MaxReserved` and `Heap::ConfigureHeap` of V8, and what Node 20 answers under all of these flags.
 */
export function oldGenerationLimit({ heapSizeLimit, flags, workerYoungMb }: HeapLimitFacts): number {
  if (workerYoungMb !== undefined && workerYoungMb * MB < heapSizeLimit) return heapSizeLimit - workerYoungMb * MB;
  const oldMb = flagMb(flags, 'max-old-space-size');
  if (oldMb !== undefined && oldMb > 0) return Math.min(heapSizeLimit, oldMb * MB);
  const semiMb = flagMb(flags, 'max-semi-space-size');
  const young =
    semiMb !== undefined && semiMb > 0
      ? SEMI_SPACES * semiMb * MB
      : Math.min(
          SEMI_SPACES * LARGEST_SEMI_SPACE_MB * MB,
          (heapSizeLimit * SEMI_SPACES) / (OLD_TO_SEMI_SPACE + SEMI_SPACES),
        );
  // More than half can't be: then this is another V8, and its own figure is the best there is.
  return young < heapSizeLimit / 2 ? heapSizeLimit - young : heapSizeLimit;
}

let known: number | undefined;

/** That of this thread, in bytes: it never changes. */
export function heapLimitBytes(): number {
  known ??= oldGenerationLimit({
    heapSizeLimit: getHeapStatistics().heap_size_limit,
    flags: [...(process.env['NODE_OPTIONS'] ?? '').replaceAll('"', '').split(/\s+/), ...process.execArgv],
    workerYoungMb: workerYoungMb(),
  });
  return known;
}

/** Asked for without an import, which would cost each process a millisecond at its start. Node below 20.16 cannot: then flags and sizes have to do. */
function workerYoungMb(): number | undefined {
  const threads = process.getBuiltinModule?.('node:worker_threads');
  return threads === undefined || threads.isMainThread ? undefined : threads.resourceLimits.maxYoungGenerationSizeMb;
}

/** The last one counts, as with V8, which takes dashes for underscores. */
function flagMb(flags: readonly string[], name: string): number | undefined {
  let found: number | undefined;
  for (const flag of flags) {
    const [given = '', value] = flag.split('=');
    if (given.replace(/^-+/, '').replaceAll('_', '-') === name && value !== undefined && /^\d+$/.test(value))
      found = Number(value);
  }
  return found;
}

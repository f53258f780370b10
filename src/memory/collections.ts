import { constants, PerformanceObserver } from 'node:perf_hooks';

/** One garbage collection. */
export interface Collection {
  /** `major`: the whole heap, marked and swept. `minor`: the young generation. `other`: a step of a major one. */
  readonly kind: 'major' | 'minor' | 'other';
  /** How long it stopped this thread. */
  readonly ms: number;
  /** Whether a program asked for it. */
  readonly isForced: boolean;
}

export type CollectionListener = (collection: Collection) => void;

/** The types of Node 20 do not know `detail`. */
interface GcEntry {
  readonly duration: number;
  readonly detail?: { readonly kind?: number; readonly flags?: number };
}

/**
 * Tells of each garbage collection of this thread, some event-loop turns after it. Returns the end of it.
 *
 * Source: the entries of type `gc` of Node's PerformanceObserver.
 */
export function observeCollections(listener: CollectionListener): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as readonly GcEntry[]) {
      const { kind, flags = 0 } = entry.detail ?? {};
      listener({ kind: kindOf(kind), ms: entry.duration, isForced: (flags & FORCED) !== 0 });
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

const FORCED = constants.NODE_PERFORMANCE_GC_FLAGS_FORCED;

function kindOf(kind: number | undefined): Collection['kind'] {
  if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) return 'major';
  return kind === constants.NODE_PERFORMANCE_GC_MINOR ? 'minor' : 'other';
}

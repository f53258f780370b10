import { constants, PerformanceObserver } from 'node:perf_hooks';

/** One garbage collection. */
export interface Collection {
  /** `major`: the whole heap, marked and swept. `minor`: the young generation. `other`: a step of a major one. */
  readonly kind: 'major' | 'minor' | 'other';
  /** How long it stopped this thread. */
  readonly ms: number;
  /** Whether a program asked for it. */
  readonly isForced: boolean;
  /**
   * Set on a major collection that was told of together with a later one, as after a turn that blocked the event loop: figures read now are those after
   * the later one.
   */
  readonly isOvertaken?: boolean;
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
    for (const collection of collectionsOf(list.getEntries() as readonly GcEntry[])) listener(collection);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** Those of a batch, in their order. */
function collectionsOf(entries: readonly GcEntry[]): Collection[] {
  const last = entries.findLastIndex(({ detail }) => kindOf(detail?.kind) === 'major');
  return entries.map(({ duration, detail }, i) => {
    const kind = kindOf(detail?.kind);
    const isForced = ((detail?.flags ?? 0) & FORCED) !== 0;
    return { kind, ms: duration, isForced, ...(kind === 'major' && i < last && { isOvertaken: true }) };
  });
}

const FORCED = constants.NODE_PERFORMANCE_GC_FLAGS_FORCED;

function kindOf(kind: number | undefined): Collection['kind'] {
  if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) return 'major';
  return kind === constants.NODE_PERFORMANCE_GC_MINOR ? 'minor' : 'other';
}

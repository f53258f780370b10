import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';

/** What is alive in the heap right after a major collection that nobody asked for. */
export interface HeapPoint {
  readonly atMs: number;
  readonly liveMb: number;
}

/** Keeps such points from now on. Of its own, so that the figures of the soak do not come from what it judges. */
export class HeapPoints {
  readonly #points: HeapPoint[] = [];
  readonly #observer: PerformanceObserver;

  constructor(elapsedMs: () => number) {
    this.#observer = new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries() as readonly GcEntry[]) {
        const isForced = ((detail?.flags ?? 0) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
        if (detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR && !isForced) {
          this.#points.push({ atMs: elapsedMs(), liveMb: oldGenerationMb() });
        }
      }
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Ends it. */
  end(): readonly HeapPoint[] {
    this.#observer.disconnect();
    return this.#points;
  }
}

/** The types of Node 20 do not know `detail`. */
interface GcEntry {
  readonly detail?: { readonly kind?: number; readonly flags?: number };
}

/** Without the young generation, which fills again at once. */
export function oldGenerationMb(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name }) => !space_name.startsWith('new_'));
  return old.reduce((sum, { space_used_size }) => sum + space_used_size, 0) / 2 ** 20;
}

/** Growth from the first quarter of the points to the last, as a share of the first; NaN with fewer than four. */
export function growthOf(points: readonly HeapPoint[]): { firstMb: number; lastMb: number; growth: number } {
  const quarter = Math.floor(points.length / 4);
  const firstMb = meanMb(points.slice(0, quarter));
  const lastMb = meanMb(quarter === 0 ? [] : points.slice(-quarter));
  return { firstMb, lastMb, growth: lastMb / firstMb - 1 };
}

function meanMb(points: readonly HeapPoint[]): number {
  return points.reduce((sum, { liveMb }) => sum + liveMb, 0) / points.length;
}

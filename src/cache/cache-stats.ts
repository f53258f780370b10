import type { MissReason } from './events.js';
import type { RemoteStats } from './shared-source.js';

/** Figures of a {@link CacheManager} since it was made. Counts, milliseconds and bytes, as the names say. */
export interface CacheStats {
  /** Reads answered from the cache, stale ones included. */
  readonly hits: number;
  readonly misses: number;
  /** hits / (hits + misses); 0 before the first read. */
  readonly hitRate: number;
  readonly memoryHits: number;
  /** Hits in the shared tier. */
  readonly remoteHits: number;
  readonly staleHits: number;
  /** Misses that waited for a load already under way, here or in another process. */
  readonly coalesced: number;
  /** Loader runs that were started, background refreshes included. */
  readonly loads: number;
  readonly refreshes: number;
  readonly refreshesSkipped: number;
  readonly loadErrors: number;
  /** Loader time of all ended runs. */
  readonly loadMs: number;
  /** Loader time that hits have saved: each counts what its value took to load. */
  readonly savedMs: number;
  /** Loaded values that were not stored because something they depend on was invalidated meanwhile. */
  readonly fenced: number;
  readonly evictions: number;
  readonly invalidations: number;
  readonly entries: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Versions of tags and prefixes that are kept to judge entries and loads by. Bounded by entries and loads under way. */
  readonly versions: number;
  /** The shared tier; `undefined` without one. */
  readonly remote: RemoteStats | undefined;
  readonly missReasons: Readonly<Partial<Record<MissReason, number>>>;
}

/** The running counts behind {@link CacheStats}. */
export class CacheCounters {
  hits = 0;
  misses = 0;
  remoteHits = 0;
  staleHits = 0;
  coalesced = 0;
  loads = 0;
  refreshes = 0;
  refreshesSkipped = 0;
  loadErrors = 0;
  loadMs = 0;
  savedUs = 0;
  fenced = 0;
  evictions = 0;
  invalidations = 0;
  readonly missReasons: Partial<Record<MissReason, number>> = {};

  miss(reason: MissReason): void {
    this.misses++;
    this.missReasons[reason] = (this.missReasons[reason] ?? 0) + 1;
  }

  read(now: Pick<CacheStats, 'entries' | 'bytes' | 'inFlight' | 'versions' | 'remote'>): CacheStats {
    const reads = this.hits + this.misses;
    return {
      hits: this.hits,
      misses: this.misses,
      hitRate: reads === 0 ? 0 : this.hits / reads,
      memoryHits: this.hits - this.remoteHits,
      remoteHits: this.remoteHits,
      staleHits: this.staleHits,
      coalesced: this.coalesced,
      loads: this.loads,
      refreshes: this.refreshes,
      refreshesSkipped: this.refreshesSkipped,
      loadErrors: this.loadErrors,
      loadMs: this.loadMs,
      savedMs: this.savedUs / 1000,
      fenced: this.fenced,
      evictions: this.evictions,
      invalidations: this.invalidations,
      entries: now.entries,
      bytes: now.bytes,
      inFlight: now.inFlight,
      versions: now.versions,
      remote: now.remote,
      missReasons: { ...this.missReasons },
    };
  }
}

import type { CacheState } from './cache-state.js';
import type { CacheStats } from './cache-stats.js';
import type { RemoteStats } from './shared-source.js';

/** The figures of a cache as they stand. */
export function statsOf(state: CacheState): CacheStats {
  const { memory, flights, book, shared, counters } = state;
  return counters.read({
    entries: memory.size,
    bytes: memory.bytes,
    inFlight: flights.size,
    versions: shared?.versions.size ?? book.size,
    remote: remoteStats(state),
  });
}

/** The shared tier's figures, before its first use too. */
function remoteStats({ options, tier }: Pick<CacheState, 'options' | 'tier'>): RemoteStats | undefined {
  const { remote } = options;
  if (remote === undefined) return undefined;
  return tier?.stats() ?? (remote.isCoordinated ? UNUSED : { ...UNUSED, bus: 'none' });
}

const UNUSED: RemoteStats = Object.freeze({
  ...{ state: 'closed', bus: 'lost', errors: 0, timeouts: 0, refused: 0, unconfirmed: 0, leasesLost: 0 },
} as const);

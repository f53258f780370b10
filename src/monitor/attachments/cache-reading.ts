import type { AttachmentKind, AttachmentReading } from './attachment-reading.js';
import { checkFigures, type Figures, numbers, otherNumbers, reasonCounts, texts, totals } from './figures.js';

const READS = ['hits', 'misses'];
const COUNTERS = [
  ...READS,
  ...['memoryHits', 'remoteHits', 'staleHits', 'exactHits', 'semanticHits', 'coalesced', 'loads', 'refreshes'],
  ...['refreshesSkipped', 'loadErrors', 'loadMs', 'savedMs', 'fenced', 'evictions', 'invalidations'],
];
const GAUGES = ['entries', 'bytes', 'inFlight', 'versions'];
/** `hitRate` is worked out anew: without a read there is none, and theirs says 0. */
const KNOWN = [...COUNTERS, ...GAUGES, 'hitRate'];
const REMOTE_COUNTERS: Readonly<Record<string, string>> = {
  errors: 'remoteErrors',
  timeouts: 'remoteTimeouts',
  refused: 'remoteRefused',
  leasesLost: 'remoteLeasesLost',
};

/** What the figures of a cache say. Of an LLM cache the same: it has tiers of its own, and numbers that only it knows. */
export function cacheReading(
  name: string,
  kind: Extract<AttachmentKind, 'cache' | 'llm'>,
  stats: unknown,
  mode: unknown,
): AttachmentReading {
  const figures = checkFigures(stats, 'stats()');
  const { remoteHits = 0, ...counters } = totals(figures, COUNTERS);
  const { hits = 0, misses = 0 } = counters;
  const remote = remoteReading(figures['remote']);
  const hasRemote = remote !== undefined || remoteHits > 0;
  return {
    name,
    kind,
    counters: { ...counters, ...(hasRemote && { remoteHits }), ...remote?.counters },
    gauges: {
      ...otherNumbers(figures, KNOWN),
      ...numbers(figures, GAUGES),
      ...(hits + misses > 0 && { hitRate: hits / (hits + misses) }),
      ...remote?.gauges,
    },
    reasons: reasonCounts(figures, 'missReasons'),
    states: { ...texts({ mode }, ['mode']), ...remote?.states },
  };
}

/** The shared tier: its breaker as state `remote`, the messages of other processes as `bus`. */
function remoteReading(remote: unknown): Pick<AttachmentReading, 'counters' | 'gauges' | 'states'> | undefined {
  if (typeof remote !== 'object' || remote === null) return undefined;
  const figures = remote as Figures;
  const counters: Record<string, number> = {};
  for (const [name, value] of Object.entries(totals(figures, Object.keys(REMOTE_COUNTERS)))) {
    counters[REMOTE_COUNTERS[name]!] = value;
  }
  const { unconfirmed } = numbers(figures, ['unconfirmed']);
  const { state } = texts(figures, ['state']);
  return {
    counters,
    gauges: unconfirmed === undefined ? {} : { remoteUnconfirmed: unconfirmed },
    states: { ...(state !== undefined && { remote: state }), ...texts(figures, ['bus']) },
  };
}

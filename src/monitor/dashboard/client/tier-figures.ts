import type { AttachmentReading } from '../../attachments/attachment-reading.js';
import { element } from './element.js';
import { amount, NO_FIGURE, share } from './figures.js';
import { percent } from './meter.js';
import { type Column, table, tableRow } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'Answered by' },
  { title: 'Last minute', kind: 'figure' },
  { title: 'In all', kind: 'figure' },
  { title: 'Reads', kind: 'figure' },
];

/** Tiers by the beginning of their counters: `memoryHits`. */
const TIERS: Readonly<Record<string, string>> = {
  memory: 'memory',
  remote: 'shared tier',
  exact: 'exact match',
  semantic: 'similar prompt',
};

/** A part of all reads. */
interface Part {
  readonly name: string;
  readonly look: string;
  readonly count: number;
  /** Of the reads of the last minute; `undefined` where there were none. */
  readonly recent: number | undefined;
}

/** Reads by the tier that answered them, and those that none did: a bar of the last minute, or of all, and its figures. */
export function tierFigures(reading: AttachmentReading): readonly HTMLElement[] {
  // Where hits are not counted, misses alone would look like all of its reads.
  if (reading.counters['hits'] === undefined) return [];
  const parts = partsOf(reading);
  const reads = parts.reduce((sum, { count }) => sum + count, 0);
  if (reads === 0) return [];
  const bar = element('div', { class: 'tiers', 'aria-hidden': 'true' });
  const { element: made, body } = table(`Reads of ${reading.name} by tier`, COLUMNS);
  for (const { name, look, count, recent } of parts) {
    const fill = element('span', { class: look });
    fill.style.width = percent(recent ?? count / reads);
    bar.append(fill);
    const row = tableRow(COLUMNS, element('span', {}, element('i', { class: `tier-swatch ${look}` }), name));
    row.show([recent === undefined ? NO_FIGURE : share(recent), share(count / reads), amount(count)]);
    body.append(row.element);
  }
  return [bar, made];
}

function partsOf({ counters, gauges }: AttachmentReading): readonly Part[] {
  const rate = gauges['hitRateRecent'];
  const known = Object.keys(TIERS).filter((tier) => counters[`${tier}Hits`] !== undefined);
  const tiers: Part[] = known.map((tier, i) => ({
    name: TIERS[tier] ?? tier,
    look: `tier-${i + 1}`,
    count: counters[`${tier}Hits`] ?? 0,
    recent: gauges[`${tier}HitRateRecent`],
  }));
  const hits: Part = { name: 'hits', look: 'tier-1', count: counters['hits'] ?? 0, recent: rate };
  const missed: Part = {
    name: 'missed',
    look: 'tier-missed',
    count: counters['misses'] ?? 0,
    recent: rate === undefined ? undefined : 1 - rate,
  };
  return [...(tiers.length > 0 ? tiers : [hits]), missed];
}

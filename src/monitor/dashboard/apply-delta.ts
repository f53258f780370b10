import type { DashboardDelta, DashboardSnapshot, SeriesDelta, SeriesStats, SeriesView } from './snapshot.js';

/**
 * The snapshot after a delta: what the page does with each event of the stream. Neither argument is changed, and parts without
 * news are the same objects as before. Runs in browsers: nothing of Node in here.
 */
export function applyDelta(snapshot: DashboardSnapshot, delta: DashboardDelta): DashboardSnapshot {
  const { series, demand, attachments, ...replaced } = delta;
  const next = { ...snapshot, ...replaced };
  return {
    ...next,
    series: mergedSeries(next, series ?? []),
    demand: mergedSlots(snapshot.demand, demand ?? [], next.longestWindowMs),
    attachments: ordered(
      next.attached,
      new Map([...snapshot.attachments, ...(attachments ?? [])].map((reading) => [reading.name, reading])),
    ),
  };
}

const NO_STATS: SeriesStats = { all: null, hit: null, miss: null, error: null, errors: {} };

function mergedSeries(next: DashboardSnapshot, deltas: readonly SeriesDelta[]): readonly SeriesView[] {
  const byName = new Map(next.series.map((series) => [series.name, series]));
  const span = Math.ceil(next.windowMs / next.pointMs) * next.pointMs;
  for (const delta of deltas) {
    const known = byName.get(delta.name) ?? newSeries(delta.name);
    const points = mergedSlots(known.points, delta.points ?? [], span);
    byName.set(delta.name, { ...known, ...delta, points });
  }
  return ordered(next.shown, byName);
}

function newSeries(name: string): SeriesView {
  return { name, unit: 'count', role: 'top', count: 0, points: [], stats: NO_STATS };
}

/** Slots by their start, newer ones in the place of older ones of the same start, none before the span that ends with the last. */
function mergedSlots<Slot extends { readonly at: number }>(
  old: readonly Slot[],
  news: readonly Slot[],
  spanMs: number,
): readonly Slot[] {
  const [first] = news;
  const last = news.at(-1);
  if (first === undefined || last === undefined) return old;
  return [...old.filter(({ at }) => at < first.at && at >= last.at - spanMs), ...news];
}

function ordered<Item>(names: readonly string[], byName: ReadonlyMap<string, Item>): readonly Item[] {
  return names.flatMap((name) => byName.get(name) ?? []);
}

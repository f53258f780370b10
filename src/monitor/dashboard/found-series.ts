import type { MonitorReader } from '../monitor-reader.js';

/** Names that a search found. */
export interface FoundSeries {
  /** How many match in all. */
  readonly total: number;
  /** The first 50 of them, most-used first. */
  readonly names: ReturnType<MonitorReader['names']>;
}

const MOST_FOUND = 50;
const LONGEST_SEARCH = 200;

/** Names that hold the text, whatever its case. An empty text finds all. */
export function foundSeries(names: ReturnType<MonitorReader['names']>, text: string): FoundSeries {
  const wanted = text.slice(0, LONGEST_SEARCH).trim().toLowerCase();
  const found = names.filter(({ name }) => name.toLowerCase().includes(wanted));
  return {
    total: found.length,
    names: found.slice(0, MOST_FOUND).map(({ name, unit, count }) => ({ name, unit, count })),
  };
}

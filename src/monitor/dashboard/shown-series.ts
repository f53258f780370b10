import type { MonitorReader } from '../monitor-reader.js';
import { PROCESS_SERIES } from '../process-watch.js';
import type { Unit } from '../unit.js';
import type { SeriesRole } from './snapshot.js';

/** A name on the page. */
export interface ShownSeries {
  readonly name: string;
  readonly unit: Unit;
  readonly role: SeriesRole;
  readonly count: number;
}

const MOST_TOP = 20;

/** Operation, process, the 20 most-used others, then what was asked for beside them: names that exist, each once. */
export function shownSeries(
  names: ReturnType<MonitorReader['names']>,
  operation: string,
  asked: readonly string[],
): readonly ShownSeries[] {
  const byName = new Map(names.map((entry) => [entry.name, entry]));
  const shown = new Map<string, ShownSeries>();
  const show = (name: string, role: SeriesRole): void => {
    const entry = byName.get(name);
    if (entry === undefined || shown.has(name)) return;
    shown.set(name, { name, unit: entry.unit, role, count: entry.count });
  };
  show(operation, 'operation');
  // On every page, whatever the traffic.
  for (const name of Object.values(PROCESS_SERIES)) show(name, 'process');
  const others = names.filter(({ name }) => !shown.has(name));
  for (const { name } of others.slice(0, MOST_TOP)) show(name, 'top');
  for (const name of asked) show(name, 'asked');
  return [...shown.values()];
}

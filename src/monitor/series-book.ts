import { InvalidOptionError } from '../core/errors.js';
import type { Labels } from './exemplar.js';
import { includesLabels, labelKey, NO_LABELS, plainLabels } from './labels.js';
import { RecentLabels } from './recent-labels.js';
import { Series, type SeriesParts } from './series.js';
import { isUnit, UNITS, type Unit } from './unit.js';

/** What a book of series needs to know. */
export interface SeriesBookParts extends SeriesParts {
  readonly maxSeries: number;
  /** Units that the host has stated, by name. */
  readonly units: Readonly<Record<string, Unit>>;
  /** Values of the operation above this are counted apart. */
  readonly operation: string;
  readonly operationTarget: number;
  /** A series was refused its place for the first time: its name. */
  onOverflow(name: string): void;
}

interface Named {
  readonly name: string;
  readonly unit: Unit;
  plain: Series | undefined;
  readonly labelled: Map<string, Series>;
  overflow: Series | undefined;
  readonly recent: RecentLabels<Series>;
}

/** Marks the series that takes the values of all label sets for which there was no room. */
export const OVERFLOW_LABELS: Readonly<Record<string, string>> = Object.freeze({ overflow: 'true' });
/** The series for values of names for which there was no room. Counted as plain numbers. */
export const OVERFLOW_NAME = 'overflow';

/**
 * All series of a monitor, by name and labels. At most `maxSeries`; then new label sets of a known name go to one overflow series
 * of that name, and new names to one series called `overflow`. Nothing is ever dropped to make room.
 */
export class SeriesBook {
  readonly #parts: SeriesBookParts;
  readonly #names = new Map<string, Named>();
  readonly #overflowed = new Set<string>();
  #size = 0;
  #overflowName: Named | undefined;
  overflowed = 0;

  constructor(parts: SeriesBookParts) {
    this.#parts = parts;
  }

  /** The series for values of this name and labels; made when it is new. */
  get(name: string, labels: Labels | undefined, unit: Unit | undefined): Series {
    const named = this.#names.get(name) ?? this.#newName(name, unit);
    if (labels === undefined) return named.plain ?? this.#newPlain(named);
    const recent = named.recent.find(labels);
    if (recent !== undefined) return recent;
    const plain = plainLabels(labels);
    const key = labelKey(plain);
    if (key === '') return named.plain ?? this.#newPlain(named);
    const series = named.labelled.get(key) ?? this.#newLabelled(named, plain, key);
    // Not the overflow series: what goes there is counted each time.
    if (series !== named.overflow) named.recent.remember(labels, series);
    return series;
  }

  /**
   * The unit of a name, as it was first used or stated.
   *
   * @throws InvalidOptionError when it is another one than `unit`
   */
  checkUnit(name: string, unit: unknown): void {
    if (unit === undefined) return;
    if (!isUnit(unit)) throw new InvalidOptionError('unit', `one of ${Object.keys(UNITS).join(', ')}`, unit);
    const known = this.#names.get(name)?.unit ?? this.#statedUnit(name);
    if (known !== undefined && known !== unit) {
      throw new InvalidOptionError(`unit of ${JSON.stringify(name)}`, `'${known}', as it was first`, unit);
    }
  }

  unitOf(name: string): Unit | undefined {
    return this.#names.get(name)?.unit;
  }

  /** All series of a name whose labels include these. */
  select(name: string, labels?: Labels): Series[] {
    const named = this.#names.get(name);
    if (!named) return [];
    const all = seriesOf(named);
    return labels === undefined ? all : all.filter((series) => includesLabels(series.labels, labels));
  }

  all(): Series[] {
    return [...this.#names.values()].flatMap(seriesOf);
  }

  names(): { name: string; unit: Unit; count: number }[] {
    return [...this.#names.values()].map((named) => ({
      name: named.name,
      unit: named.unit,
      count: seriesOf(named).reduce((sum, series) => sum + series.count, 0),
    }));
  }

  get size(): number {
    return this.#size;
  }

  #newName(name: string, unit: Unit | undefined): Named {
    if (this.#size >= this.#parts.maxSeries) {
      this.#refuse(name);
      this.#overflowName ??= this.#addName(OVERFLOW_NAME, 'count');
      return this.#overflowName;
    }
    return this.#addName(name, this.#statedUnit(name) ?? unit ?? 'count');
  }

  #statedUnit(name: string): Unit | undefined {
    return Object.hasOwn(this.#parts.units, name) ? this.#parts.units[name] : undefined;
  }

  #addName(name: string, unit: Unit): Named {
    const named: Named = {
      name,
      unit,
      plain: undefined,
      labelled: new Map(),
      overflow: undefined,
      recent: new RecentLabels(),
    };
    this.#names.set(name, named);
    return named;
  }

  #newPlain(named: Named): Series {
    // A name always has room for what has no labels.
    this.#size++;
    named.plain = this.#make(named, NO_LABELS);
    return named.plain;
  }

  #newLabelled(named: Named, labels: Readonly<Record<string, string>>, key: string): Series {
    if (this.#size >= this.#parts.maxSeries || named === this.#overflowName) {
      this.#refuse(named.name);
      named.overflow ??= this.#make(named, OVERFLOW_LABELS);
      return named.overflow;
    }
    this.#size++;
    const series = this.#make(named, labels);
    named.labelled.set(key, series);
    return series;
  }

  #make(named: Named, labels: Readonly<Record<string, string>>): Series {
    const { operation, operationTarget } = this.#parts;
    const target = named.name === operation ? operationTarget : Number.POSITIVE_INFINITY;
    return new Series(named.name, labels, named.unit, target, this.#parts);
  }

  #refuse(name: string): void {
    this.overflowed++;
    if (this.#overflowed.has(name) || this.#overflowed.size >= this.#parts.maxSeries) return;
    this.#overflowed.add(name);
    this.#parts.onOverflow(name);
  }
}

function seriesOf({ plain, labelled, overflow }: Named): Series[] {
  return [...(plain ? [plain] : []), ...labelled.values(), ...(overflow ? [overflow] : [])];
}

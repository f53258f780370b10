import { InvalidOptionError } from '../core/errors.js';
import type { Labels } from './exemplar.js';
import { LabelTrie } from './label-trie.js';
import { hasTooManyLabels, includesLabels, labelKey, NO_LABELS, plainLabels } from './labels.js';
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
  /** Names whose series without labels always have a place, beside `maxSeries`: what targets are judged by. */
  readonly reserved: readonly string[];
  /** A series was refused its place for the first time: its name. */
  onOverflow(name: string): void;
  /** Something about a name is not as its caller thinks: told once for each name and reason. */
  onMisuse(name: string, what: string): void;
}

const MOST_TOLD = 100;

interface Named {
  readonly name: string;
  readonly unit: Unit;
  plain: Series | undefined;
  readonly labelled: Map<string, Series>;
  overflow: Series | undefined;
  readonly known: LabelTrie<Series>;
}

/** Marks the series that takes the values of all label sets for which there was no room. */
export const OVERFLOW_LABELS: Readonly<Record<string, string>> = Object.freeze({ overflow: 'true' });
const OVERFLOW_KEY: string = labelKey(OVERFLOW_LABELS);
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
  readonly #told = new Set<string>();
  #size = 0;
  #overflowName: Named | undefined;

  constructor(parts: SeriesBookParts) {
    this.#parts = parts;
  }

  /** The series for values of this name and labels; made when it is new. */
  get(name: string, labels: Labels | undefined, unit: Unit | undefined): Series {
    const named = this.#names.get(name) ?? this.#newName(name, unit);
    if (unit !== undefined && unit !== named.unit && named !== this.#overflowName) {
      this.#tell(name, `values in ${unit} are recorded, but its unit is ${named.unit}`);
    }
    if (labels === undefined) return named.plain ?? this.#newPlain(named);
    const known = named.known.find(labels);
    if (known !== undefined) return known;
    const plain = plainLabels(labels);
    if (hasTooManyLabels(labels))
      this.#tell(name, 'it has more than ten labels, of which the first ten by name are kept');
    const key = labelKey(plain);
    if (key === '') return named.plain ?? this.#newPlain(named);
    const series = named.labelled.get(key) ?? this.#newLabelled(named, plain, key);
    // Not the overflow series: sets of labels without end go there.
    if (series !== named.overflow) named.known.remember(labels, series);
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

  /** Values that found no place of their own. */
  get overflowed(): number {
    let values = 0;
    for (const named of this.#names.values()) {
      const lost = named === this.#overflowName ? seriesOf(named) : named.overflow ? [named.overflow] : [];
      values += lost.reduce((sum, series) => sum + series.count, 0);
    }
    return values;
  }

  get size(): number {
    return this.#size;
  }

  #newName(name: string, unit: Unit | undefined): Named {
    if (this.#size >= this.#parts.maxSeries && !this.#parts.reserved.includes(name)) {
      this.#refuse(name);
      this.#overflowName ??= this.#names.get(OVERFLOW_NAME) ?? this.#addName(OVERFLOW_NAME, 'count');
      return this.#overflowName;
    }
    return this.#addName(name, this.#statedUnit(name) ?? unit ?? 'count');
  }

  /** What the operation is timed in is known, whoever records it first. */
  #statedUnit(name: string): Unit | undefined {
    if (name === this.#parts.operation) return 'ms';
    return Object.hasOwn(this.#parts.units, name) ? this.#parts.units[name] : undefined;
  }

  #addName(name: string, unit: Unit): Named {
    const named: Named = {
      name,
      unit,
      plain: undefined,
      labelled: new Map(),
      overflow: undefined,
      known: new LabelTrie(),
    };
    this.#names.set(name, named);
    return named;
  }

  #newPlain(named: Named): Series {
    // A name always has room for what has no labels.
    if (!this.#parts.reserved.includes(named.name)) this.#size++;
    named.plain = this.#make(named, NO_LABELS);
    return named.plain;
  }

  #newLabelled(named: Named, labels: Readonly<Record<string, string>>, key: string): Series {
    if (this.#size >= this.#parts.maxSeries || named === this.#overflowName) {
      this.#refuse(named.name);
      // A host's own labels may be the same: then it is the same series.
      named.overflow ??= named.labelled.get(OVERFLOW_KEY) ?? this.#make(named, OVERFLOW_LABELS);
      named.labelled.set(OVERFLOW_KEY, named.overflow);
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

  #tell(name: string, what: string): void {
    const told = `${name}: ${what}`;
    if (this.#told.has(told) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(told);
    this.#parts.onMisuse(name, what);
  }

  #refuse(name: string): void {
    if (this.#overflowed.has(name) || this.#overflowed.size >= this.#parts.maxSeries) return;
    this.#overflowed.add(name);
    this.#parts.onOverflow(name);
  }
}

function seriesOf({ plain, labelled }: Named): Series[] {
  return plain ? [plain, ...labelled.values()] : [...labelled.values()];
}

import type { Unit } from '../unit.js';

/** A base unit of Prometheus, as names end in it. */
export type BaseUnit = 'seconds' | 'bytes' | 'ratio';

/** What a word in a name says about the unit of the value. */
interface UnitWord {
  readonly base: BaseUnit;
  /** What one of it is in the base unit. */
  readonly scale: number;
}

const seconds = (scale: number): UnitWord => ({ base: 'seconds', scale });
const bytes = (scale: number): UnitWord => ({ base: 'bytes', scale });

/** Units that names end in. Single letters are left out, which may mean anything; kB and MB are those of 1024, as in heap figures. */
const UNIT_WORDS: ReadonlyMap<string, UnitWord> = new Map([
  ...['ns', 'nanos', 'nanoseconds'].map((word) => [word, seconds(1e-9)] as const),
  ...['us', 'micros', 'microseconds'].map((word) => [word, seconds(1e-6)] as const),
  ...['ms', 'msec', 'msecs', 'millis', 'milliseconds'].map((word) => [word, seconds(0.001)] as const),
  ...['sec', 'secs', 'seconds'].map((word) => [word, seconds(1)] as const),
  ['minutes', seconds(60)],
  ['hours', seconds(3_600)],
  ['days', seconds(86_400)],
  ['weeks', seconds(604_800)],
  ['bytes', bytes(1)],
  ...['kb', 'kib', 'kibibytes'].map((word) => [word, bytes(2 ** 10)] as const),
  ...['mb', 'mib', 'mebibytes'].map((word) => [word, bytes(2 ** 20)] as const),
  ...['gb', 'gib', 'gibibytes'].map((word) => [word, bytes(2 ** 30)] as const),
  ['kilobytes', bytes(1e3)],
  ['megabytes', bytes(1e6)],
  ['gigabytes', bytes(1e9)],
  ['ratio', { base: 'ratio', scale: 1 }],
  ...['percent', 'pct'].map((word) => [word, { base: 'ratio', scale: 0.01 }] as const),
]);

const BASE_UNITS: Readonly<Record<Unit, BaseUnit | undefined>> = {
  ms: 'seconds',
  ratio: 'ratio',
  bytes: 'bytes',
  count: undefined,
};

/** A name whose values are in a base unit once they are multiplied by `scale`. */
export interface BaseName {
  readonly words: readonly string[];
  /** What the name is to end in; `undefined` where it has the unit already, or none. */
  readonly ending: BaseUnit | undefined;
  readonly base: BaseUnit | undefined;
  readonly scale: number;
}

/** What a word says about a unit, if it does. */
export function unitWord(word: string): UnitWord | undefined {
  return UNIT_WORDS.get(word);
}

/** The name of values whose unit only the name tells: `load ms` gives `load` in seconds, at 0.001. */
export function unitOfName(words: readonly string[]): BaseName {
  const unit = unitWord(words.at(-1) ?? '');
  if (unit === undefined || words.at(-2) === 'per') return { words, ending: undefined, base: undefined, scale: 1 };
  return { words: words.slice(0, -1), ending: unit.base, base: unit.base, scale: unit.scale };
}

/**
 * The name of values of a known unit. A unit that the name says already is not said twice: at the end it gives way to the base
 * unit (`ask ms` is `ask` in seconds), within it is turned to it (`ms per token` to `seconds per token`).
 *
 * @param toBase - what one of the unit is in its base unit
 */
export function nameOfUnit(words: readonly string[], unit: Unit, toBase: number): BaseName {
  const base = BASE_UNITS[unit];
  if (base === undefined) return unitOfName(words);
  const says = (word: string | undefined): boolean => word !== undefined && unitWord(word)?.base === base;
  if (says(words.at(-1))) return { words: words.slice(0, -1), ending: base, base, scale: toBase };
  const within = words.findIndex(says);
  if (within < 0) return { words, ending: base, base, scale: toBase };
  return { words: words.map((word, i) => (i === within ? base : word)), ending: undefined, base, scale: toBase };
}

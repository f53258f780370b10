import { unitWord } from './prometheus-unit.js';

/** Kinds of metrics that are written. */
export type FamilyType = 'counter' | 'gauge' | 'histogram';

/** Words that the linter of Prometheus takes for a shortened unit, wherever they stand. */
const SHORT_UNITS: ReadonlySet<string> = new Set('s ms us ns sec b kb mb gb tb pb m h d'.split(' '));
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'summary', 'histogram']);
const OTHER_UNITS =
  /^(?:minutes|hours|days|weeks|kelvins|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces|(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)(?:amperes|bytes|celsius|grams|joules|kelvins?|met(?:er|re)s|seconds|volts|minutes|hours|days|weeks|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces))$/;

/** Endings that belong to other types of metrics than this one. */
const FOREIGN_ENDINGS: Readonly<Record<FamilyType, readonly string[]>> = {
  counter: [],
  gauge: ['total', 'bucket', 'count', 'sum'],
  histogram: ['total'],
};

/**
 * A name in words of lower-case letters and digits: `loadMs`, `load-ms` and `load.ms` are the same. A name that has none of these in it
 * is one word made of it.
 */
export function wordsOf(name: string): string[] {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.length === 0 ? [wordFor(name)] : words;
}

/**
 * A metric name that `promtool check metrics` has nothing against, whatever the words: one that it would take for a unit or a type
 * is joined to its neighbour (`plan b` becomes `planb`).
 *
 * @param ending - the base unit's word, where there is one
 */
export function metricName(
  prefix: string,
  words: readonly string[],
  ending: string | undefined,
  type: FamilyType,
): string {
  const clean = words.length === 0 && ending === undefined ? ['value'] : [...words];
  for (let i = 0; i < clean.length; ) {
    const isLast = i === clean.length - 1 && ending === undefined;
    if (!isTakenForOther(clean[i]!, isLast, type)) {
      i++;
    } else if (i > 0) {
      i--;
      clean.splice(i, 2, clean[i]! + clean[i + 1]!);
    } else if (clean.length > 1) {
      clean.splice(0, 2, clean[0]! + clean[1]!);
    } else {
      clean[0] = `${clean[0]!}value`;
    }
  }
  if (ending !== undefined) clean.push(ending);
  if (type === 'counter') clean.push('total');
  const name = prefix + clean.join('_');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function isTakenForOther(word: string, isLast: boolean, type: FamilyType): boolean {
  if (SHORT_UNITS.has(word) || TYPES.has(word) || OTHER_UNITS.test(word)) return true;
  return isLast && FOREIGN_ENDINGS[type].includes(word);
}

/** More than one of it: `miss` gives `misses`, `refusal` gives `refusals`. */
export function plural(word: string): string {
  if (/(?:ss|x|ch|sh)$/.test(word)) return `${word}es`;
  if (word.endsWith('s')) return word;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** A short word that stands for a text: the same one for the same text, and never a unit. Source: FNV-1a. */
export function wordFor(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const word = `x${(hash >>> 0).toString(36)}`;
  return unitWord(word) === undefined ? word : `${word}x`;
}

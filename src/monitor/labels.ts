import { InvalidOptionError } from '../core/errors.js';
import { ownText } from '../core/own-text.js';
import type { Labels } from './exemplar.js';

/** Labels that a series may have, and characters of a value that are kept: what is longer is cut. */
const MOST_LABELS = 10;
export const LONGEST_VALUE = 120;

export const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

/** What a timer adds to the labels of its host: these go before all others where there is no room for every one. */
const OWN_LABELS: readonly string[] = ['cache', 'error', 'stage'];

/**
 * Labels as they are kept: texts, by name, frozen. Entries that are `undefined`, `null` or empty are left out, and so is
 * `error: false`, which says that there was none. Of more than ten the first by name stay, after those that timers set themselves.
 */
export function plainLabels(labels: Labels): Readonly<Record<string, string>> {
  const names = Object.keys(labels).filter((name) => isKept(name, labels[name]));
  const kept = names.length > MOST_LABELS ? firstOf(names) : names;
  const plain: Record<string, string> = {};
  for (const name of kept.sort()) plain[ownText(name, LONGEST_VALUE)] = ownText(labelText(labels[name]));
  return Object.freeze(plain);
}

/**
 * A copy of labels, for later: their host may change the object. One that can't be read, as a getter throws, has none.
 */
export function heldLabels(labels: Labels): Labels {
  try {
    return { ...labels };
  } catch {
    return NO_LABELS;
  }
}

/** Whether some of these labels find no room. */
export function hasTooManyLabels(labels: Labels): boolean {
  const names = Object.keys(labels);
  return names.length > MOST_LABELS && names.filter((name) => isKept(name, labels[name])).length > MOST_LABELS;
}

/** One text for equal labels. With lengths, so that no text can pass for several. */
export function labelKey(labels: Readonly<Record<string, string>>): string {
  let key = '';
  for (const name in labels) {
    const value = labels[name]!;
    key += `${name.length}:${name}${value.length}:${value}`;
  }
  return key;
}

/**
 * Whether a series' labels include the wanted ones, which are read as they are when values are recorded: an empty one stands for a
 * label that is absent, `undefined` for one that does not matter.
 */
export function includesLabels(labels: Readonly<Record<string, string>>, wanted: Labels): boolean {
  for (const [name, value] of Object.entries(wanted) as [string, unknown][]) {
    if (value === undefined) continue;
    const own = Object.hasOwn(labels, shortened(name)) ? labels[shortened(name)] : '';
    const isAbsent = value === null || !isKept(name, value);
    if (own !== (isAbsent ? '' : labelText(value))) return false;
  }
  return true;
}

/** @throws InvalidOptionError unless it is an object of labels, or absent */
export function checkLabels(value: unknown): void {
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw new InvalidOptionError('labels', 'an object of strings, numbers or booleans', value);
  }
}

/** A text for a label, or the name of a stage: cut where it is long, the type of what is no plain value. */
export function labelText(value: unknown): string {
  if (typeof value === 'string') return shortened(value);
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  return isPlain ? shortened(String(value)) : typeof value;
}

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? text.slice(0, LONGEST_VALUE) : text;
}

function isKept(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === '' || name === '' || name === '__proto__') return false;
  return name !== 'error' || value !== false;
}

function firstOf(names: readonly string[]): string[] {
  const own = OWN_LABELS.filter((name) => names.includes(name));
  const others = names.filter((name) => !own.includes(name)).sort();
  return [...own, ...others].slice(0, MOST_LABELS);
}

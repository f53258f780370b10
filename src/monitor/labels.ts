import { InvalidOptionError } from '../core/errors.js';
import type { Labels } from './exemplar.js';

/** Labels that a series may have, and characters of a value that are kept: what is longer is cut. */
const MOST_LABELS = 10;
const LONGEST_VALUE = 120;

export const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({});

/** Labels as they are kept: texts, by name. Entries that are `undefined` or `null` are left out, as is what is empty. */
export function plainLabels(labels: Labels): Readonly<Record<string, string>> {
  const names = Object.keys(labels).sort();
  const plain: Record<string, string> = {};
  let kept = 0;
  for (const name of names) {
    const value: unknown = labels[name];
    if (value === undefined || value === null || value === '' || kept === MOST_LABELS || name === '__proto__') continue;
    const text = typeof value === 'string' ? value : textOf(value);
    plain[name] = text.length > LONGEST_VALUE ? text.slice(0, LONGEST_VALUE) : text;
    kept++;
  }
  return plain;
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

/** Whether a series' labels include the wanted ones; an empty one stands for a label that is absent. */
export function includesLabels(labels: Readonly<Record<string, string>>, wanted: Labels): boolean {
  for (const [name, value] of Object.entries(wanted)) {
    if ((labels[name] ?? '') !== textOf(value)) return false;
  }
  return true;
}

/** @throws InvalidOptionError unless it is an object of labels, or absent */
export function checkLabels(value: unknown): void {
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw new InvalidOptionError('labels', 'an object of strings, numbers or booleans', value);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'object' || typeof value === 'symbol' || typeof value === 'function'
    ? typeof value
    : String(value);
}

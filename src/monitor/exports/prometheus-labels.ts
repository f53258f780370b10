import { wordFor, wordsOf } from './prometheus-name.js';

/** Labels that a format or a server gives a meaning of its own. */
const RESERVED: ReadonlySet<string> = new Set(['le', 'quantile']);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f]|\p{Surrogate}/gu;

/** Text that UTF-8 and every parser carry: control characters and halves of a pair are replaced; tab and line feed stay. */
export function cleanText(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}

/**
 * Names of labels as they may be written, by their own: `modelName` becomes `model_name`, `le` becomes `label_le`. No two get the
 * same one.
 */
export function labelNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const own = [...new Set(names)].sort();
  const safe = new Map<string, string>();
  const taken = new Set<string>();
  // Names that are fit as they are keep theirs, whoever else would like to be called so.
  for (const name of [...own.filter(isFit), ...own.filter((one) => !isFit(one))]) {
    let fit = isFit(name) ? name : fitted(name);
    for (let salt = ''; taken.has(fit); salt += '+') fit = `${fitted(name)}_${wordFor(name + salt)}`;
    taken.add(fit);
    safe.set(name, fit);
  }
  return safe;
}

/**
 * Labels as they stand in a line, braces included: sorted by name, values escaped. Empty values are left out, which mean the same;
 * empty where there are none.
 */
export function labelText(labels: Iterable<readonly [name: string, value: string]>): string {
  const written = [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  if (written.length === 0) return '';
  return `{${written.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}

/** The same labels with another one at their end. */
export function withLabel(labels: string, name: string, value: string): string {
  const label = `${name}="${escaped(value)}"`;
  return labels === '' ? `{${label}}` : `${labels.slice(0, -1)},${label}}`;
}

function isFit(name: string): boolean {
  return fitted(name) === name;
}

function fitted(name: string): string {
  const joined = wordsOf(name).join('_');
  return RESERVED.has(joined) || /^[0-9]/.test(joined) ? `label_${joined}` : joined;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function escaped(value: string): string {
  return cleanText(value).replace(/[\\"\n]/g, (c) => ESCAPES[c]!);
}

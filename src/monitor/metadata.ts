import { ownText } from '../core/own-text.js';
import type { Metadata } from './exemplar.js';

/** Facts that one request may carry, and characters of a text that are kept. */
const MOST_FACTS = 20;
const LONGEST_TEXT = 200;
/** Of the name of a fact, and of an error's type. */
const LONGEST_NAME = 120;

/** Copies facts into what a request carries: bounded, plain values only. A getter that throws is a fact that is not known. */
export function addFacts(into: Record<string, unknown>, facts: Metadata): void {
  try {
    for (const name of Object.keys(facts)) {
      if (name === '__proto__' || (!(name in into) && Object.keys(into).length >= MOST_FACTS)) continue;
      const value = plainFact(facts[name]);
      if (value !== undefined) into[name.slice(0, LONGEST_NAME)] = value;
    }
  } catch {
    // What could be read is kept.
  }
}

/** Facts to keep: a copy that nobody can change, and that keeps nothing else alive. */
export function heldFacts(facts: Metadata): Metadata {
  const held: Record<string, unknown> = {};
  for (const name of Object.keys(facts)) {
    const value = facts[name];
    held[ownText(name)] = typeof value === 'string' ? ownText(value) : value;
  }
  return Object.freeze(held);
}

function plainFact(value: unknown): string | number | boolean | null | undefined {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}...` : value;
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : shortJson(value);
    default:
      return undefined;
  }
}

/** JSON of the beginning of a value: so much as is shown, however large it is. */
function shortJson(value: object): string | undefined {
  const text = new ShortText();
  try {
    write(value, text, 0);
  } catch {
    return undefined;
  }
  return text.isFull ? `${text.value.slice(0, LONGEST_TEXT)}...` : text.value;
}

class ShortText {
  value = '';

  get isFull(): boolean {
    return this.value.length > LONGEST_TEXT;
  }
}

const DEEPEST = 4;

function write(value: unknown, text: ShortText, depth: number): void {
  if (typeof value === 'string') text.value += JSON.stringify(value.slice(0, LONGEST_TEXT + 1));
  else if (typeof value !== 'object' || value === null) text.value += `${JSON.stringify(value) ?? null}`;
  else if (value instanceof Date) text.value += JSON.stringify(value);
  else if (depth === DEEPEST) text.value += Array.isArray(value) ? '[...]' : '{...}';
  else if (Array.isArray(value)) writeAll(value, text, '[', ']', (item) => write(item, text, depth + 1));
  else {
    writeAll(Object.keys(value), text, '{', '}', (key) => {
      text.value += `${JSON.stringify(key.slice(0, LONGEST_TEXT))}:`;
      write((value as Record<string, unknown>)[key], text, depth + 1);
    });
  }
}

function writeAll<T>(
  items: readonly T[],
  text: ShortText,
  open: string,
  close: string,
  writeOne: (item: T) => void,
): void {
  text.value += open;
  for (let i = 0; i < items.length && !text.isFull; i++) {
    if (i > 0) text.value += ',';
    writeOne(items[i]!);
  }
  text.value += close;
}

/** What an error is counted under: its code where it has one, else its name. Never its message, which may hold anything. */
export function errorType(error: unknown): string {
  if (typeof error === 'string') return 'string';
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { code, name } = error as { code?: unknown; name?: unknown };
    if (typeof code === 'string' && code !== '') return code.slice(0, LONGEST_NAME);
    if (typeof name === 'string' && name !== '') return name.slice(0, LONGEST_NAME);
  } catch {
    // A getter of the host's that throws.
  }
  return 'Error';
}

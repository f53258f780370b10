import type { Metadata } from '../exemplar.js';

/** Facts of a request or a mark, fit to be shown. */
export type PlainFacts = Readonly<Record<string, string | number | boolean | null>>;

const MOST_FACTS = 12;
const LONGEST_TEXT = 120;

/** The first 12 facts. Texts are cut at 120 characters; of what is no plain value, only its type is told. */
export function plainFacts(metadata: Metadata): PlainFacts {
  const facts = Object.entries(metadata).slice(0, MOST_FACTS);
  return Object.fromEntries(facts.map(([key, value]) => [cut(key), plainFact(value)]));
}

/** A text of at most 120 characters, with an ellipsis where something is missing. */
export function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}

function plainFact(value: unknown): string | number | boolean | null {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null) return value;
  return `(${typeof value})`;
}

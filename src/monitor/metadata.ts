import type { Metadata } from './exemplar.js';

/** Facts that one request may carry, and characters of a text that are kept. */
const MOST_FACTS = 20;
const LONGEST_TEXT = 200;

/** Copies facts into what a request carries: bounded, plain values only. A getter that throws is a fact that is not known. */
export function addFacts(into: Record<string, unknown>, facts: Metadata): void {
  try {
    for (const name of Object.keys(facts)) {
      if (name === '__proto__' || (!(name in into) && Object.keys(into).length >= MOST_FACTS)) continue;
      const value = plainFact(facts[name]);
      if (value !== undefined) into[name] = value;
    }
  } catch {
    // What could be read is kept.
  }
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

function shortJson(value: object): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
  } catch {
    return undefined;
  }
}

/** What an error is counted under: its code where it has one, else its name. Never its message, which may hold anything. */
export function errorType(error: unknown): string {
  if (typeof error === 'string') return 'string';
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { code, name } = error as { code?: unknown; name?: unknown };
    if (typeof code === 'string' && code !== '') return code;
    if (typeof name === 'string' && name !== '') return name;
  } catch {
    // A getter of the host's that throws.
  }
  return 'Error';
}

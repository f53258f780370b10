/** Errors within errors that are looked at. */
const MOST_LINKS = 8;

/** An object whose fields may be anything, and may throw when read. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * An error and what caused it, from the outside in: `cause`, the last of a row of tries (`lastError`), the first of an `AggregateError`. At most
 * eight, so a circle ends too.
 */
export function chainOf(error: unknown): readonly Fields[] {
  const chain: Fields[] = [];
  let link = fieldsOf(error);
  while (link && chain.length < MOST_LINKS) {
    chain.push(link);
    link = fieldsOf(read(link, 'cause')) ?? fieldsOf(read(link, 'lastError')) ?? fieldsOf(first(read(link, 'errors')));
  }
  return chain;
}

/** One field; `undefined` where reading it throws. */
export function read(from: Fields | undefined, name: string): unknown {
  try {
    return from?.[name];
  } catch {
    return undefined;
  }
}

/** A field that is an object itself. */
export function fieldsIn(from: Fields | undefined, name: string): Fields | undefined {
  return fieldsOf(read(from, name));
}

/** A field as text: `''` where it is none. */
export function textIn(from: Fields | undefined, name: string): string {
  const value = read(from, name);
  return typeof value === 'string' ? value : '';
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

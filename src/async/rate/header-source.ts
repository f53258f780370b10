/** Headers of a response: a `Headers` object, or a plain object with names in any case. */
export type HeaderSource =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | number | undefined>>;

/** One header as text; `undefined` where it is absent, empty or not readable. Never throws. */
export function headerOf(headers: HeaderSource | undefined, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  try {
    const { get } = headers as { get?: unknown };
    const value =
      typeof get === 'function'
        ? (get.call(headers, name) as unknown)
        : fieldOf(headers as Record<string, unknown>, name);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'number') return String(first);
    return typeof first === 'string' && first !== '' ? first : undefined;
  } catch {
    // A getter or a proxy that throws.
    return undefined;
  }
}

function fieldOf(headers: Record<string, unknown>, name: string): unknown {
  const exact = headers[name];
  if (exact !== undefined) return exact;
  for (const [key, value] of Object.entries(headers)) if (key.toLowerCase() === name) return value;
  return undefined;
}

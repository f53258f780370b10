/** Receivers that have been looked at: each is warned of once. */
const seen = new WeakSet<object>();

/**
 * Warns the process, once for each client, that a wrapped method belongs to a client that tries failed calls again by itself, as the
 * OpenAI and Anthropic SDKs do. Both together multiply the calls: 3 attempts of 3 are 9.
 */
export function warnOfOwnRetries(label: string, self: unknown, args: readonly unknown[]): void {
  if (typeof self !== 'object' || self === null || seen.has(self)) return;
  const retries = retriesOf(self);
  // Whoever switches them off for a call knows of them. The next call may not.
  if (retries > 0 && args.some(isWithoutRetries)) return;
  seen.add(self);
  if (retries === 0) return;
  process.emitWarning(
    `${label}: the client behind this method tries a failed call ${retries} times again by itself, and so does the processor: ` +
      'together they multiply, and rate limits see only the first. Give the client maxRetries: 0, or the processor no retry',
    { code: 'HOTPATH_RETRIES_TWICE' },
  );
}

function retriesOf(self: object): number {
  try {
    const { maxRetries, _client } = self as { maxRetries?: unknown; _client?: { maxRetries?: unknown } };
    const retries = maxRetries ?? _client?.maxRetries;
    return typeof retries === 'number' && retries > 0 ? retries : 0;
  } catch {
    // A getter that throws is no SDK of ours to know.
    return 0;
  }
}

function isWithoutRetries(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { maxRetries?: unknown }).maxRetries === 0;
}

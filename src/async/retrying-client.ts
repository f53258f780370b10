/** Clients that have been looked at: each is warned of once. */
const seen = new WeakSet<object>();

/**
 * Warns the process, once for each client, that a wrapped function calls a client that tries failed calls again by itself, as the
 * OpenAI and Anthropic SDKs do. Both together multiply the calls: 3 attempts of 3 are 9.
 *
 * @param client - the client, or a part of it that knows it: what a method was called on, or what the host has named
 */
export function warnOfOwnRetries(label: string, client: unknown, args: readonly unknown[]): void {
  if (typeof client !== 'object' || client === null || seen.has(client)) return;
  const retries = retriesOf(client);
  // Whoever switches them off for a call knows of them. The next call may not.
  if (retries > 0 && args.some(isWithoutRetries)) return;
  seen.add(client);
  if (retries === 0) return;
  process.emitWarning(
    `${label}: the client behind this function tries a failed call ${retries} times again by itself, and so does the processor: ` +
      'together they multiply, and rate limits see only the first. Give the client maxRetries: 0, or the processor no retry',
    { code: 'HOTPATH_RETRIES_TWICE' },
  );
}

function retriesOf(client: object): number {
  try {
    const { maxRetries, _client } = client as { maxRetries?: unknown; _client?: { maxRetries?: unknown } };
    const retries = maxRetries ?? _client?.maxRetries;
    return typeof retries === 'number' && retries > 0 ? retries : 0;
  } catch {
    // A getter that throws is no SDK of ours to know.
    return 0;
  }
}

function isWithoutRetries(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && (value as { maxRetries?: unknown }).maxRetries === 0;
  } catch {
    return false;
  }
}

/** What owns a resource: `close()` may be called any number of times, and `await using` works. */
export interface Closeable {
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a clean-up idempotent: every call returns the promise of the one run. */
export function closeOnce(release: () => void | Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= (async () => release())();
    return closed;
  };
}

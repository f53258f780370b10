import type { Closeable } from '../../core/lifecycle.js';
import { ModelConnections, type ModelFetchStats } from './model-connections.js';
import { type ModelFetchOptions, resolveModelFetch } from './model-fetch-options.js';

/** A `fetch` over connections of its own. */
export interface ModelFetch extends Closeable {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Loads undici beforehand, so that no call pays for it. */
  ready(): Promise<void>;
  stats(): ModelFetchStats;
  /** Waits for what is under way, `closeTimeout` at most, and ends the connections. */
  close(): Promise<void>;
}

/**
 * A `fetch` for SDKs (`new OpenAI({ fetch: createModelFetch() })`): HTTP/1.1 over a bounded number of kept connections, with
 * figures of their reuse. It stands on the optional peer undici 7, of which it makes an agent of its own; neither the global
 * `fetch` nor its dispatcher is touched.
 *
 * A body that is not read holds its connection: small ones (below 64 KiB) come in by themselves and free it, larger ones do so
 * when they are read, when `response.body.cancel()` is called, or when the response is garbage collected. `bodyTimeout` does not
 * count while nobody reads. What SDKs return is read.
 *
 * A kept connection may be closed by the server in the moment it is used: such a call fails with a network error, as with any
 * keep-alive, and is worth a retry.
 *
 * Failures are those of `fetch` (`TypeError: fetch failed` with its `cause`); after `close()` a `HotpathError` with code
 * `CLOSED`; without the package one with code `MISSING_PEER`.
 *
 * @throws InvalidOptionError
 */
export function createModelFetch(options: ModelFetchOptions = {}): ModelFetch {
  const connections = new ModelConnections(resolveModelFetch(options));
  const fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    connections.fetch(input, init);
  const close = (): Promise<void> => connections.close();
  return Object.assign(fetch, {
    ready: () => connections.ready(),
    stats: () => connections.stats(),
    close,
    [Symbol.asyncDispose]: close,
  });
}

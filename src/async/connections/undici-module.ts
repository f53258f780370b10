import { peerError } from '../../core/optional-peer.js';

/** The part of the package undici that is used, by shape. */
export interface UndiciModule {
  readonly fetch: (input: unknown, init: object) => Promise<Response>;
  readonly Request: abstract new (...args: never[]) => object;
  readonly FormData: new () => { append(name: string, value: unknown): void };
  readonly Agent: new (options: object) => UndiciAgent;
  readonly Pool: new (origin: unknown, options: object) => UndiciPool;
  readonly Client: UndiciClientClass;
  readonly buildConnector: (options: object) => UndiciConnector;
}

export interface UndiciAgent {
  /** By origin. */
  readonly stats: Readonly<Record<string, { connected: number; running: number; size: number }>>;
  close(): Promise<void>;
}

/** The connections to one origin. */
export interface UndiciPool {
  readonly closed: boolean;
  destroy(): Promise<void>;
}

/** One connection at a time to one origin, opened anew when it is lost. */
export type UndiciClientClass = new (
  origin: unknown,
  options: object,
) => {
  dispatch(options: object, handler: object): boolean;
  on(event: 'connect', listener: () => void): unknown;
};

export type ConnectCallback = (error: Error | null, socket: unknown) => void;

/** Opens a connection. It answers with the socket at once, though its types say otherwise. */
export type UndiciConnector = (options: { readonly protocol: string }, callback: ConnectCallback) => unknown;

/**
 * Loads the optional peer undici. Rejects with `MISSING_PEER` where it is not installed.
 *
 * Whichever copy of undici loads first in a process makes the dispatcher of all `fetch`es. Reading `Headers` loads the one
 * inside Node.js, so that the host's own `fetch` stays what it was.
 */
export async function loadUndici(): Promise<UndiciModule> {
  void globalThis.Headers;
  try {
    const loaded: unknown = await import('undici');
    return ((loaded as { default?: unknown }).default ?? loaded) as UndiciModule;
  } catch (error) {
    throw peerError(error, 'undici', 'createModelFetch');
  }
}

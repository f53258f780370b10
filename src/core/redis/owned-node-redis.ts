import type { NodeRedis } from './node-redis.js';
import { reconnectDelayMs } from './reconnect-delay.js';

/** How long one attempt to connect may take, in ms. */
export const CONNECT_TIMEOUT_MS = 2_000;

/** Answers the delay before the next attempt, or `false` to give up. */
export type ReconnectStrategy = (retries: number) => number | false;

/** What happens to the client. */
export interface OwnedNodeRedisEvents {
  /** Each error of the connection. Not after `discard()`. */
  onError(error: unknown): void;
}

/**
 * A client of node-redis that is ours, and that can be ended in every state.
 *
 * `destroy()` of node-redis does not end a client whose socket is just connecting: the socket comes up later, and stays. So
 * what is discarded in that moment is destroyed when its socket is there, or ends with the failed attempt.
 */
export class OwnedNodeRedis {
  readonly client: NodeRedis;
  readonly #events: OwnedNodeRedisEvents;
  #isDialling = false;
  #isDiscarded = false;

  /** @param reconnects - whether a lost connection is sought again, for ever; otherwise it ends with `onError` */
  constructor(make: (strategy: ReconnectStrategy) => NodeRedis, reconnects: boolean, events: OwnedNodeRedisEvents) {
    this.#events = events;
    this.client = make((retries) => (reconnects && !this.#isDiscarded ? reconnectDelayMs(retries) : false));
    this.client.on('reconnecting', () => {
      this.#isDialling = true;
    });
    this.client.on('connect', () => {
      this.#isDialling = false;
      // Once the greeting is under way, or node-redis waits for its answer for ever.
      if (this.#isDiscarded) setImmediate(() => this.#destroy());
    });
    this.client.on('error', (error) => {
      this.#isDialling = false;
      if (!this.#isDiscarded) this.#events.onError(error);
    });
  }

  /** Resolves when the connection is ready. Rejects when no attempt follows. */
  async connect(): Promise<void> {
    if (this.#isDiscarded) return;
    this.#isDialling = true;
    await this.client.connect();
  }

  /** Ends it without asking the server. Calling it twice does nothing. */
  discard(): void {
    if (this.#isDiscarded) return;
    this.#isDiscarded = true;
    if (!this.#isDialling) this.#destroy();
  }

  #destroy(): void {
    try {
      this.client.destroy();
    } catch {
      // Closed already: node-redis says so by throwing.
    }
  }
}

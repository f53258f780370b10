import { Emitter, type Unsubscribe } from '../emitter.js';
import { closeOnce } from '../lifecycle.js';
import type { NodeRedis } from './node-redis.js';
import { nodeRedisDial } from './node-redis-dial.js';
import type { RedisArgument, RedisPort, RedisReply, RedisSubscriber } from './redis-port.js';
import { checkRedisUrl } from './redis-url.js';
import type { RedisScript } from './script.js';
import { runScript } from './script-runner.js';
import { type LoadPeer, SharedUrlClient } from './shared-url-client.js';
import { ReconnectingSubscriber } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** A port to a server that is named by its URL: the client is ours. */
export interface RedisUrlPort extends RedisPort {
  /**
   * Connects, and resolves when the client's package is loaded; the server need not answer.
   *
   * @throws HotpathError `MISSING_PEER` when the package is not installed
   */
  loaded(): Promise<void>;
}

/**
 * The port for a `redis://` or `rediss://` URL. Needs the package `@keyv/redis`, loaded at `connect()`. All ports of one URL
 * share one client, which is closed with the last of them.
 *
 * @throws InvalidOptionError for a malformed URL, without showing its password
 */
export function redisUrlPort(url: string, options: { readonly load?: LoadPeer } = {}): RedisUrlPort {
  checkRedisUrl(url);
  return new UrlPort(url, options.load);
}

class UrlPort implements RedisUrlPort {
  readonly topology = 'single';
  readonly #url: string;
  readonly #load: LoadPeer | undefined;
  readonly #events: Emitter<{ readiness: boolean; error: unknown }>;
  readonly #subscribers = new Set<RedisSubscriber>();
  readonly #unsubscribes: Unsubscribe[] = [];
  readonly #send = (key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> =>
    this.send(key, args);
  #shared: SharedUrlClient | undefined;
  #closed = false;

  constructor(url: string, load: LoadPeer | undefined) {
    this.#url = url;
    this.#load = load;
    this.#events = new Emitter((error, event) => {
      if (event !== 'error') this.#events.emit('error', error);
    });
  }

  get ready(): boolean {
    return !this.#closed && this.#shared?.port?.ready === true;
  }

  send(key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    const port = this.#shared?.port;
    if (port === undefined || this.#closed) return Promise.reject(new RedisUnavailableError());
    return port.send(key, args);
  }

  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply> {
    return runScript(this.#send, script, keys, args);
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    if (!this.ready) throw new RedisUnavailableError();
    return [(args) => this.send(undefined, args)];
  }

  subscriber(): RedisSubscriber {
    const subscriber = new ReconnectingSubscriber(nodeRedisDial(() => this.#client()));
    if (this.#closed) void subscriber.close();
    else this.#subscribers.add(subscriber);
    return subscriber;
  }

  connect(): void {
    if (this.#closed || this.#shared) return;
    const shared = SharedUrlClient.acquire(this.#url, this.#load);
    this.#shared = shared;
    this.#unsubscribes.push(
      shared.onReadiness((ready) => this.#events.emit('readiness', ready)),
      shared.onError((error) => this.#events.emit('error', error)),
    );
    // Another port of the same URL may have connected long ago.
    if (shared.port?.ready) queueMicrotask(() => this.#events.emit('readiness', this.ready));
  }

  async loaded(): Promise<void> {
    this.connect();
    await this.#shared?.loaded;
  }

  onReadiness(listener: (ready: boolean) => void): Unsubscribe {
    return this.#events.on('readiness', listener);
  }

  onError(listener: (error: unknown) => void): Unsubscribe {
    return this.#events.on('error', listener);
  }

  readonly close: () => Promise<void> = closeOnce(async () => {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    await Promise.all([...this.#subscribers].map((subscriber) => subscriber.close()));
    await this.#shared?.release();
  });

  /** What subscriptions are copied from. */
  async #client(): Promise<NodeRedis> {
    if (!this.#shared) throw new RedisUnavailableError();
    return this.#shared.client();
  }
}

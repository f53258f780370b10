import { systemClock } from '../clock.js';
import { Emitter, type Unsubscribe } from '../emitter.js';
import { peerError } from '../optional-peer.js';
import { ClientPort } from './client-port.js';
import type { NodeRedis } from './node-redis.js';
import { NodeRedisClient } from './node-redis-client.js';
import { CONNECT_TIMEOUT_MS, OwnedNodeRedis } from './owned-node-redis.js';
import { ReadinessWatch } from './readiness-watch.js';
import { RedisUnavailableError } from './unavailable.js';

/** The part of @keyv/redis that is used: it passes on what `@redis/client` has. */
interface Peer {
  createClient(options: object): NodeRedis;
}

/** Loads what makes clients. Tests put another in its place. */
export type LoadPeer = () => Promise<Peer>;

const PURPOSE = 'a redis:// URL as remote';
/** How long answers to what was sent are waited for at the end, in ms. */
const FLUSH_MS = 500;

const clients = new Map<string, SharedUrlClient>();

/** The one client of the process for a URL. It begins with the first user and ends with the last. */
export class SharedUrlClient {
  readonly loaded: Promise<void>;
  readonly #url: string;
  readonly #events = new Emitter<{ readiness: boolean; error: unknown }>(() => {});
  #users = 0;
  #owned: OwnedNodeRedis | undefined;
  #port: ClientPort | undefined;
  #unwatch: Unsubscribe = () => {};
  #isOver = false;

  static acquire(url: string, load: LoadPeer = loadPeer): SharedUrlClient {
    let client = clients.get(url);
    if (client === undefined) {
      client = new SharedUrlClient(url, load);
      clients.set(url, client);
    }
    client.#users++;
    return client;
  }

  private constructor(url: string, load: LoadPeer) {
    this.#url = url;
    this.loaded = load().then((peer) => this.#open(peer));
    this.loaded.catch((error: unknown) => this.#events.emit('error', error));
  }

  /** Absent until the package is loaded. */
  get port(): ClientPort | undefined {
    return this.#port;
  }

  /** The client itself, once the package is loaded. */
  async client(): Promise<NodeRedis> {
    await this.loaded;
    if (!this.#owned) throw new RedisUnavailableError();
    return this.#owned.client;
  }

  onReadiness(listener: (ready: boolean) => void): Unsubscribe {
    return this.#events.on('readiness', listener);
  }

  onError(listener: (error: unknown) => void): Unsubscribe {
    return this.#events.on('error', listener);
  }

  /** Called once by each user. The last one ends the client, which takes half a second at most. */
  async release(): Promise<void> {
    if (--this.#users > 0) return;
    clients.delete(this.#url);
    this.#isOver = true;
    await this.#answered();
    this.#unwatch();
    await this.#port?.close();
    this.#owned?.discard();
  }

  #open(peer: Peer): void {
    if (this.#isOver) return;
    const make = (reconnectStrategy: unknown): NodeRedis =>
      peer.createClient({
        url: this.#url,
        disableOfflineQueue: true,
        socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy },
      });
    const owned = new OwnedNodeRedis(make, true, { onError: (error) => this.#events.emit('error', error) });
    const adapter = new NodeRedisClient(owned.client);
    this.#owned = owned;
    this.#port = new ClientPort(adapter);
    this.#unwatch = ReadinessWatch.of(adapter.readiness).add((ready) => this.#events.emit('readiness', ready));
    owned.connect().catch((error: unknown) => {
      if (!this.#isOver) this.#events.emit('error', error);
    });
  }

  /** Replies come in order: when the last question is answered, all before it are. */
  async #answered(): Promise<void> {
    if (!this.#port?.ready) return;
    let cancel = (): void => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = systemClock().setTimer(resolve, FLUSH_MS);
    });
    await Promise.race([this.#port.send(undefined, ['PING']).catch(() => {}), timeout]);
    cancel();
  }
}

async function loadPeer(): Promise<Peer> {
  try {
    return (await import('@keyv/redis')) as unknown as Peer;
  } catch (error) {
    throw peerError(error, '@keyv/redis', PURPOSE);
  }
}

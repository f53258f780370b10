import { errorMonitor } from 'node:events';
import type { ClientAdapter } from './client-port.js';
import { BINARY, type NodeRedis } from './node-redis.js';
import { nodeRedisDial } from './node-redis-dial.js';
import type { ReadinessSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** A client of node-redis for one server. All commands of one turn of the event loop leave in one write. */
export class NodeRedisClient implements ClientAdapter {
  readonly topology = 'single';
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  readonly #client: NodeRedis;

  constructor(client: NodeRedis) {
    this.#client = client;
    this.dial = nodeRedisDial(() => client);
    this.readiness = {
      client,
      // The monitor hears errors without handling them: where the host does not listen, its process still learns of them.
      events: ['ready', 'end', 'reconnecting', errorMonitor],
      isReady: () => client.isReady,
    };
  }

  get ready(): boolean {
    return this.#client.isReady;
  }

  send(_key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    const client = this.#client;
    return client.isReady ? client.sendCommand(args, BINARY) : Promise.reject(new RedisUnavailableError());
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    return [(args) => this.send(undefined, args)];
  }

  /** The host opens its client itself. */
  connect(): void {}
}

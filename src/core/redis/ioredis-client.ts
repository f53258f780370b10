import type { ClientAdapter } from './client-port.js';
import { connectIoredis, type IoredisSingle, STATUS_EVENTS, sendIoredis } from './ioredis.js';
import { ioredisDial } from './ioredis-dial.js';
import type { ReadinessSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** A client of ioredis for one server, or for the master that its Sentinels name. */
export class IoredisClient implements ClientAdapter {
  readonly topology = 'single';
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  readonly #client: IoredisSingle;

  constructor(client: IoredisSingle) {
    this.#client = client;
    this.dial = ioredisDial(() => client);
    this.readiness = { client, events: STATUS_EVENTS, isReady: () => client.status === 'ready' };
  }

  get ready(): boolean {
    return this.#client.status === 'ready';
  }

  send(_key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    const client = this.#client;
    return client.status === 'ready' ? sendIoredis(client, args) : Promise.reject(new RedisUnavailableError());
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    return [(args) => this.send(undefined, args)];
  }

  connect(): void {
    connectIoredis(this.#client);
  }
}

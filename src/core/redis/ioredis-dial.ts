import type { IoredisSingle } from './ioredis.js';
import { CONNECT_TIMEOUT_MS } from './owned-node-redis.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/**
 * Dials with a copy of a client of ioredis, with its credentials, TLS settings and Sentinels.
 *
 * @param source - the client to copy, asked before each attempt
 */
export function ioredisDial(source: () => IoredisSingle): Dial {
  return (channels, onMessage, onLost) => {
    let copy: IoredisSingle | undefined;
    const open = async (): Promise<void> => {
      copy = copyOf(source());
      copy.on('error', onLost);
      copy.on('end', () => onLost(new RedisUnavailableError('the subscription was closed')));
      copy.on('messageBuffer', (channel: Buffer, message: Buffer) => onMessage(channel.toString(), message));
      await copy.connect();
      await copy.subscribe(...channels);
    };
    return {
      subscribed: open(),
      ping: () => copy?.ping() ?? Promise.reject(new RedisUnavailableError()),
      discard: () => {
        copy?.disconnect();
        // `disconnect` waits for the other side to close, which a stopped server never does.
        copy?.stream?.destroy();
      },
    };
  };
}

function copyOf(client: IoredisSingle): IoredisSingle {
  return client.duplicate({
    lazyConnect: true,
    retryStrategy: () => null,
    reconnectOnError: null,
    autoResubscribe: false,
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: 0,
    commandTimeout: undefined,
    socketTimeout: undefined,
    monitor: false,
    readOnly: false,
  });
}

import type { NodeRedis } from './node-redis.js';
import { CONNECT_TIMEOUT_MS, OwnedNodeRedis } from './owned-node-redis.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/**
 * Dials with a copy of a client of node-redis, in its protocol version, with its credentials and TLS settings.
 *
 * @param source - the client to copy, asked before each attempt
 */
export function nodeRedisDial(source: () => NodeRedis | Promise<NodeRedis>): Dial {
  return (channels, onMessage, onLost) => {
    let owned: OwnedNodeRedis | undefined;
    let isDiscarded = false;
    const open = async (): Promise<void> => {
      const original = await source();
      if (isDiscarded) return;
      owned = copyOf(original, onLost);
      await owned.connect();
      await owned.client.subscribe(channels, (message, channel) => onMessage(String(channel), message), true);
    };
    return {
      subscribed: open(),
      ping: () => owned?.client.sendCommand(['PING']) ?? Promise.reject(new RedisUnavailableError()),
      discard: () => {
        isDiscarded = true;
        owned?.discard();
      },
    };
  };
}

function copyOf(original: NodeRedis, onLost: (error: unknown) => void): OwnedNodeRedis {
  const make = (reconnectStrategy: unknown): NodeRedis =>
    original.duplicate({
      disableOfflineQueue: true,
      commandOptions: undefined,
      // Silence is normal here, and what the host's client caches is none of our business.
      pingInterval: undefined,
      clientSideCache: undefined,
      emitInvalidate: undefined,
      maintNotifications: 'disabled',
      readonly: false,
      socket: {
        ...original.options?.socket,
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: undefined,
        reconnectStrategy,
      },
    });
  const owned = new OwnedNodeRedis(make, false, { onError: onLost });
  owned.client.on('end', onLost);
  return owned;
}

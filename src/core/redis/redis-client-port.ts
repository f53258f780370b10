import { InvalidOptionError } from '../errors.js';
import { ClientPort } from './client-port.js';
import type { IoredisSingle } from './ioredis.js';
import { IoredisClient } from './ioredis-client.js';
import { IoredisCluster, type IoredisClusterClient } from './ioredis-cluster.js';
import type { NodeRedis } from './node-redis.js';
import { NodeRedisClient } from './node-redis-client.js';
import { NodeRedisCluster, type NodeRedisClusterClient } from './node-redis-cluster.js';
import { NodeRedisSentinel, type NodeRedisSentinelClient } from './node-redis-sentinel.js';
import type { RedisLike } from './redis-like.js';
import type { RedisPort } from './redis-port.js';
import { kindOf } from './redis-shape.js';

/**
 * The port over a client of the host's.
 *
 * @throws InvalidOptionError for what is no client of node-redis or ioredis, is too old, or prefixes its keys
 */
export function redisPort(client: RedisLike): RedisPort {
  const kind = kindOf(client);
  switch (kind) {
    case 'node-redis client':
      return new ClientPort(new NodeRedisClient(client as unknown as NodeRedis));
    case 'node-redis cluster':
      return new ClientPort(new NodeRedisCluster(client as unknown as NodeRedisClusterClient));
    case 'node-redis sentinel':
      return new ClientPort(new NodeRedisSentinel(client as unknown as NodeRedisSentinelClient));
    case 'ioredis client':
      return new ClientPort(new IoredisClient(client as unknown as IoredisSingle));
    case 'ioredis cluster':
      return new ClientPort(new IoredisCluster(client as unknown as IoredisClusterClient));
    default: {
      const expected = 'a client of node-redis (5 or later) or ioredis (5 or later)';
      throw new InvalidOptionError('remote', kind ? `${expected}; ${kind.unusable}` : expected, client);
    }
  }
}

import { redisPort } from '../../core/redis/redis-client-port.js';
import type { RedisLike } from '../../core/redis/redis-like.js';
import type { RedisPort } from '../../core/redis/redis-port.js';
import { redisUrlPort } from '../../core/redis/url-client.js';

/** The port of a client, or of a URL, that were checked before. Loaded with the first question to a server: it brings every kind of client with it. */
export function openRedisPort(redis: string | RedisLike): RedisPort {
  return typeof redis === 'string' ? redisUrlPort(redis) : redisPort(redis);
}

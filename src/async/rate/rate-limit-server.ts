import { redisPort } from '../../core/redis/redis-client-port.js';
import type { RedisLike } from '../../core/redis/redis-like.js';
import type { RedisPort, RedisReply } from '../../core/redis/redis-port.js';
import { redisUrlPort } from '../../core/redis/url-client.js';
import { RATE_LIMIT } from './rate-limit-script.js';

/** A server, and the script of the limits on it. */
export interface RateLimitServer {
  readonly port: RedisPort;
  run(keys: readonly string[], args: readonly string[]): Promise<RedisReply>;
}

/**
 * The server of a client, or of a URL, that were checked before. Loaded with the first question to it: this brings the script and
 * every kind of client with it.
 */
export function openRateLimitServer(redis: string | RedisLike): RateLimitServer {
  const port = typeof redis === 'string' ? redisUrlPort(redis) : redisPort(redis);
  return { port, run: (keys, args) => port.run(RATE_LIMIT, keys, args) };
}

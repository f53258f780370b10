import { systemClock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { type Closeable, closeOnce } from '../../core/lifecycle.js';
import { checkNames, checkOptions, kindOnly } from '../../core/option-names.js';
import { text } from '../../core/option-values.js';
import type { RedisLike } from '../../core/redis/redis-like.js';
import type { RedisPort, RedisReply } from '../../core/redis/redis-port.js';
import { isRedisLike, redisObjection } from '../../core/redis/redis-shape.js';
import { checkRedisUrl } from '../../core/redis/redis-url.js';
import { RedisUnavailableError } from '../../core/redis/unavailable.js';
import { countsKeptMs } from './counts-kept.js';
import { rateLimitKeys } from './rate-limit-keys.js';
import type { RateLimitServer } from './rate-limit-server.js';
import type { RateLimitStore, StoreAnswer, WindowLimits } from './rate-limit-store.js';

/** Options of {@link redisRateLimitStore}. */
export interface RedisRateLimitStoreOptions {
  /** Names the keys on the server: limits of different namespaces never meet. Default `'default'`. */
  readonly namespace?: string;
}

const EXPECTED = 'a redis:// URL, or a node-redis or ioredis client (5 or later)';
/** The first question waits so long for a connection; later ones fail at once while there is none. */
const ARRIVAL_MS = 1_000;

/**
 * Keeps rate limits in Redis, for all processes that use the same server, namespace, key and window. One script call for each reservation,
 * by the server's clock; keys expire by themselves. Works with one server, Sentinel and Cluster, Redis 5 or later.
 *
 * A client that is passed in is never closed. For a URL (which needs the package `@keyv/redis`) a connection is opened with the first
 * question; `close()` ends it. A failover that loses the last writes loses their counts.
 *
 * @throws InvalidOptionError for what is no Redis, a malformed URL (whose password is not shown) and unknown options
 */
export function redisRateLimitStore(
  redis: string | RedisLike,
  options: RedisRateLimitStoreOptions = {},
): RateLimitStore & Closeable {
  checkOptions('redisRateLimitStore options', options);
  checkNames('', options, ['namespace'], { show: kindOnly });
  const namespace = text('namespace', options.namespace ?? 'default');
  return new RedisRateLimitStore(checked(redis), namespace);
}

function checked(redis: unknown): string | RedisLike {
  if (typeof redis === 'string') {
    checkRedisUrl(redis, 'redis');
    return redis;
  }
  if (isRedisLike(redis)) return redis;
  const objection = redisObjection(redis);
  throw new InvalidOptionError('redis', objection === undefined ? EXPECTED : `${EXPECTED}; ${objection}`, shown(redis));
}

/** Of an object of options only that it is one: there may be a password in it. */
function shown(value: unknown): unknown {
  return typeof value === 'object' && value?.constructor === Object ? kindOnly(value) : value;
}

class RedisRateLimitStore implements RateLimitStore, Closeable {
  readonly #redis: string | RedisLike;
  readonly #namespace: string;
  #opened: Promise<RateLimitServer> | undefined;
  /** Over when there is a connection, or none came in time. */
  #arrival: Promise<void> | undefined;
  #isClosed = false;

  constructor(redis: string | RedisLike, namespace: string) {
    this.#redis = redis;
    this.#namespace = namespace;
  }

  async reserve(key: string, processId: string, tokens: number, limits: WindowLimits): Promise<StoreAnswer> {
    const reply = await this.#run(key, limits.windowMs, 'reserve', [
      processId,
      String(tokens),
      most(limits.requests),
      most(limits.tokens),
    ]);
    return answerOf(reply);
  }

  async settle(
    key: string,
    ticket: string,
    change: { readonly requests: number; readonly tokens: number },
    limits: WindowLimits,
  ): Promise<void> {
    await this.#run(key, limits.windowMs, 'settle', [ticket, String(change.requests), String(change.tokens)]);
  }

  async coolDown(key: string, ms: number): Promise<void> {
    if (ms > 0) await this.#run(key, 1, 'cool', [String(Math.ceil(ms))]);
  }

  readonly close: () => Promise<void> = closeOnce(async () => {
    this.#isClosed = true;
    // What could not be opened has nothing to close.
    const server = await this.#opened?.catch(() => undefined);
    await server?.port.close();
  });

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(key: string, windowMs: number, operation: string, args: readonly string[]): Promise<RedisReply> {
    if (this.#isClosed) throw new RedisUnavailableError('the rate limit store was closed');
    this.#opened ??= this.#open();
    const server = await this.#opened;
    this.#arrival ??= arrived(server.port);
    await this.#arrival;
    const keys = rateLimitKeys(this.#namespace, key, windowMs);
    return server.run(keys, [operation, String(windowMs), String(countsKeptMs(windowMs)), ...args]);
  }

  async #open(): Promise<RateLimitServer> {
    const { openRateLimitServer } = await import('./rate-limit-server.js');
    return openRateLimitServer(this.#redis);
  }
}

/** Resolves when there is a connection, or none came in time. */
function arrived(port: RedisPort): Promise<void> {
  port.connect();
  if (port.ready) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      off();
      cancel();
      resolve();
    };
    const off = port.onReadiness((ready) => {
      if (ready) done();
    });
    const cancel = systemClock().setTimer(done, ARRIVAL_MS);
  });
}

/** No limit is -1 there. */
function most(limit: number): string {
  return limit === Number.POSITIVE_INFINITY ? '-1' : String(limit);
}

function answerOf(reply: RedisReply): StoreAnswer {
  const [, ticket, waitMs, requests, tokens, processes, epoch] = reply as readonly RedisReply[];
  const usage = {
    requests: Number(String(requests)),
    tokens: Number(String(tokens)),
    processes: Number(String(processes)),
    epoch: String(epoch),
  };
  return ticket === 0
    ? { granted: false, waitMs: Number(String(waitMs)), usage }
    : { granted: true, ticket: String(ticket), usage };
}

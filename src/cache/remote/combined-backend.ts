import type { Backend, LeaseAnswer, OutgoingEntry, Through, VersionNews } from './backend.js';
import { checksumOf } from './envelope-checksum.js';
import type { KeyvBackend } from './keyv-backend.js';
import type { RedisBackend } from './redis-backend.js';

/**
 * Values in a store that can only get and set, with leases, versions and messages in a Redis beside it. A write is two steps, so
 * that a value whose lease was revoked in between is there for a moment before it is taken out again.
 */
export class CombinedBackend implements Backend {
  readonly coordinated = true;
  readonly #values: KeyvBackend;
  readonly #redis: RedisBackend;

  constructor(values: KeyvBackend, redis: RedisBackend) {
    this.#values = values;
    this.#redis = redis;
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#values.get(key);
  }

  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    return this.#values.getMany(keys);
  }

  versions(after: number, atLeast: number, beat?: string): Promise<VersionNews> {
    return this.#redis.versions(after, atLeast, beat);
  }

  invalidate(members: readonly string[], atLeast: number): Promise<VersionNews> {
    return this.#redis.invalidate(members, atLeast);
  }

  clear(atLeast: number): Promise<VersionNews> {
    return this.#redis.clear(atLeast);
  }

  /** The value is elsewhere: who is granted a lease looks once more whether somebody has filled it. */
  async lease(key: string, token: string, ms: number, seen: number, force: boolean): Promise<LeaseAnswer> {
    const answer = await this.#redis.lease(key, token, ms, 0, force);
    if (answer.kind !== 'granted' || force) return answer;
    const bytes = await this.#values.get(key);
    if (bytes === undefined || checksumOf(bytes) === seen) return answer;
    await this.#redis.release(key, token);
    return { kind: 'found', bytes };
  }

  renew(key: string, token: string, ms: number): Promise<boolean> {
    return this.#redis.renew(key, token, ms);
  }

  release(key: string, token: string): Promise<boolean> {
    return this.#redis.release(key, token);
  }

  async fill(entry: OutgoingEntry, token: string): Promise<'stored' | 'lost'> {
    await this.#values.put(entry);
    if (await this.#redis.release(entry.key, token)) return 'stored';
    await this.#values.drop(entry.key);
    return 'lost';
  }

  async put(entry: OutgoingEntry, stampMs: number): Promise<undefined> {
    await this.#values.put(entry);
    await this.#redis.drop(entry.key, stampMs);
  }

  async drop(key: string, stampMs: number): Promise<boolean> {
    const there = await this.#values.drop(key);
    await this.#redis.drop(key, stampMs);
    return there;
  }

  replace(key: string, sum: number, bytes: Buffer): Promise<boolean> {
    return this.#values.replace(key, sum, bytes);
  }

  discard(key: string, sum: number): Promise<void> {
    return this.#values.discard(key, sum);
  }

  scan(_through: Through): AsyncIterable<readonly string[]> {
    return this.#values.scan();
  }
}

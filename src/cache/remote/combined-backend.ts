import type { Backend, GlobSource, LeaseAnswer, OutgoingEntry, Through, VersionNews } from './backend.js';
import { checksumOf } from './envelope-checksum.js';
import type { KeyvBackend } from './keyv-backend.js';
import type { RedisBackend } from './redis-backend.js';

/**
 * Values in a store that can only get and set, with leases, versions and messages in a Redis beside it.
 *
 * A write is several steps, in an order in which no older value stays: the lease is revoked before and after the value is
 * changed, and what was filled under a lease that is gone by then is taken out again. So such a value is there for a moment, or
 * for its life where the process that has filled it ends in between.
 */
export class CombinedBackend implements Backend {
  readonly coordinated = true;
  readonly #values: KeyvBackend;
  readonly #redis: RedisBackend;
  readonly #lister: Pick<Backend, 'scan'>;

  /** @param lister - lists the keys of the values */
  constructor(values: KeyvBackend, redis: RedisBackend, lister: Pick<Backend, 'scan'>) {
    this.#values = values;
    this.#redis = redis;
    this.#lister = lister;
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
    const answer = await this.#redis.lease(key, token, ms, seen, force);
    if (answer.kind !== 'granted' || force) return answer;
    let bytes: Buffer | undefined;
    try {
      bytes = await this.#values.get(key);
    } catch (error) {
      // Nobody will load under it.
      await this.#redis.release(key, token);
      throw error;
    }
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

  async fill(entry: OutgoingEntry, token: string, tell: boolean): Promise<'stored' | 'lost' | 'foreign'> {
    const { key } = entry;
    const result = await this.#values.keep(entry);
    const isHeld = await this.#redis.release(key, token);
    if (result === 'foreign') return result;
    if (isHeld) {
      if (tell) await this.#redis.revoke(key, 0);
      return 'stored';
    }
    await this.#values.drop(key);
    // Whoever has read it meanwhile has it in memory.
    await this.#redis.revoke(key, 0);
    return 'lost';
  }

  async put(entry: OutgoingEntry, stampMs: number): Promise<undefined> {
    await this.#redis.revoke(entry.key, stampMs);
    await this.#values.put(entry);
    await this.#redis.revoke(entry.key, stampMs);
  }

  async drop(key: string, stampMs: number): Promise<boolean> {
    await this.#redis.revoke(key, stampMs);
    const there = await this.#values.drop(key);
    await this.#redis.revoke(key, stampMs);
    return there;
  }

  async replace(key: string, sum: number, bytes: Buffer): Promise<boolean> {
    if (!(await this.#values.replace(key, sum, bytes))) return false;
    // Revokes the lease and tells the others. It was no delete: the moment of the last one stays as it is.
    await this.#redis.revoke(key, 0);
    return true;
  }

  discard(key: string, sum: number): Promise<void> {
    return this.#values.discard(key, sum);
  }

  announce(glob: GlobSource, soft: boolean): Promise<void> {
    return this.#redis.announce(glob, soft);
  }

  scan(through: Through): AsyncIterable<readonly string[]> {
    return this.#lister.scan(through);
  }
}

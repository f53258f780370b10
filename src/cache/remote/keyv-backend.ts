import type { Clock } from '../../core/clock.js';
import type { Backend, LeaseAnswer, OutgoingEntry, VersionNews } from './backend.js';
import { checksumOf } from './envelope-checksum.js';
import type { ValueStore } from './value-store.js';
import { StoredVersions } from './stored-versions.js';
import type { WireNames } from './wire-name.js';

/**
 * A store that can only get and set: no scripts, no messages. What falls away is said in docs/cache.md: leases are granted to
 * everybody, invalidations of other processes are seen late, and two at the same moment may lose one of them.
 */
export class KeyvBackend implements Backend {
  readonly coordinated = false;
  readonly #store: ValueStore;
  readonly #names: WireNames;
  readonly #versions: StoredVersions;

  constructor(store: ValueStore, names: WireNames, clock: Clock) {
    this.#store = store;
    this.#names = names;
    this.#versions = new StoredVersions(store, names.versions, clock);
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#store.get(this.#names.value(key));
  }

  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    return this.#store.getMany(keys.map((key) => this.#names.value(key)));
  }

  versions(after: number, atLeast: number): Promise<VersionNews> {
    return this.#versions.read(after, atLeast);
  }

  invalidate(members: readonly string[], atLeast: number): Promise<VersionNews> {
    return this.#versions.invalidate(members, atLeast);
  }

  clear(atLeast: number): Promise<VersionNews> {
    return this.#versions.invalidate(undefined, atLeast);
  }

  async lease(): Promise<LeaseAnswer> {
    return { kind: 'granted' };
  }

  async renew(): Promise<boolean> {
    return true;
  }

  async release(): Promise<boolean> {
    return true;
  }

  async fill(entry: OutgoingEntry): Promise<'stored'> {
    await this.put(entry);
    return 'stored';
  }

  async put({ key, bytes, lifeMs }: OutgoingEntry): Promise<undefined> {
    await this.#store.set(this.#names.value(key), bytes, lifeMs);
  }

  async drop(key: string): Promise<boolean> {
    const name = this.#names.value(key);
    const there = (await this.#store.get(name)) !== undefined;
    await this.#store.delete([name]);
    return there;
  }

  async replace(key: string, sum: number, bytes: Buffer): Promise<boolean> {
    const name = this.#names.value(key);
    const old = await this.#store.get(name);
    if (old === undefined || checksumOf(old) !== sum) return false;
    // How long it still may live is in the envelope; the store forgets it later than need be.
    await this.#store.set(name, bytes, Number.POSITIVE_INFINITY);
    return true;
  }

  async discard(key: string, sum: number): Promise<void> {
    const name = this.#names.value(key);
    const old = await this.#store.get(name);
    if (old !== undefined && checksumOf(old) === sum) await this.#store.delete([name]);
  }

  // biome-ignore lint/correctness/useYield: a store that can't be listed has nothing to yield.
  async *scan(): AsyncGenerator<readonly string[]> {
    throw new Error('this store cannot be listed');
  }
}

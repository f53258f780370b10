import type { Clock } from '../../core/clock.js';
import type { Backend, LeaseAnswer, OutgoingEntry, Through, VersionNews } from './backend.js';
import { readEnvelope } from './envelope.js';
import { checksumOf } from './envelope-checksum.js';
import { StoredVersions } from './stored-versions.js';
import type { ValueStore } from './value-store.js';
import type { WireNames } from './wire-name.js';
import { WriteOrder } from './write-order.js';

/** Keys of one chunk, where the store can be listed at all. */
const LISTED_AT_ONCE = 500;
const MOST_LEASES = 10_000;

/**
 * A store that can only get and set: no scripts, no messages. What falls away is said in docs/cache.md: leases are granted to
 * everybody, invalidations of other processes are seen late, and a late fill overwrites what is newer. The writes of this
 * process to one key keep their order.
 */
export class KeyvBackend implements Backend {
  readonly coordinated = false;
  readonly #store: ValueStore;
  readonly #names: WireNames;
  readonly #clock: Clock;
  readonly #order: WriteOrder;
  readonly #versions: StoredVersions;
  /** The token of whoever is loading a key. */
  readonly #leases = new Map<string, string>();

  /** @param patienceMs - how long a write waits for the one before it on the same key */
  constructor(store: ValueStore, names: WireNames, clock: Clock, patienceMs: number) {
    this.#store = store;
    this.#names = names;
    this.#clock = clock;
    this.#order = new WriteOrder(clock, patienceMs);
    this.#versions = new StoredVersions(store, names.versions, clock, this.#order);
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#store.get(this.#names.value(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    if (keys.length === 1) return [await this.get(keys[0]!)];
    return this.#store.getMany(keys.map((key) => this.#names.value(key)));
  }

  versions(after: number, atLeast: number): Promise<VersionNews> {
    return this.#versions.read(after, atLeast);
  }

  invalidate(members: readonly string[], atLeast: number): Promise<VersionNews> {
    return this.#versions.invalidate(members, atLeast);
  }

  /** By version. What can be listed is emptied too: a Map would keep it for ever. */
  async clear(atLeast: number): Promise<VersionNews> {
    const listed = this.#listed();
    const news = await this.#versions.invalidate(undefined, atLeast);
    await Promise.all((listed ?? []).map((key) => this.#inTurn(key, (name) => this.#store.delete([name]))));
    return news;
  }

  /** Everybody gets one. It says that this process has neither written nor deleted the key since. */
  async lease(key: string, token: string): Promise<LeaseAnswer> {
    // Those of loads that never came to an end. Who has lost his keeps his value to himself.
    if (this.#leases.size >= MOST_LEASES) this.#leases.clear();
    this.#leases.set(key, token);
    return { kind: 'granted' };
  }

  async renew(key: string, token: string): Promise<boolean> {
    return this.#leases.get(key) === token;
  }

  async release(key: string, token: string): Promise<boolean> {
    return this.#leases.get(key) === token && this.#leases.delete(key);
  }

  async fill(entry: OutgoingEntry, token: string): Promise<'stored' | 'lost' | 'foreign'> {
    return (await this.release(entry.key, token)) ? this.keep(entry) : 'lost';
  }

  /** Stores, under whatever lease. What another program or a later version of this one has put there is left alone. */
  keep({ key, bytes, lifeMs }: OutgoingEntry): Promise<'stored' | 'foreign'> {
    return this.#inTurn(key, async (name) => {
      const old = await this.#store.get(name);
      if (old !== undefined && readEnvelope(old).status === 'foreign') return 'foreign';
      await this.#store.set(name, bytes, lifeMs);
      return 'stored';
    });
  }

  async put({ key, bytes, lifeMs }: OutgoingEntry): Promise<undefined> {
    this.#leases.delete(key);
    await this.#inTurn(key, (name) => this.#store.set(name, bytes, lifeMs));
  }

  drop(key: string): Promise<boolean> {
    this.#leases.delete(key);
    return this.#inTurn(key, async (name) => {
      const there = (await this.#store.get(name)) !== undefined;
      await this.#store.delete([name]);
      return there;
    });
  }

  replace(key: string, sum: number, bytes: Buffer): Promise<boolean> {
    return this.#inTurn(key, async (name) => {
      const old = await this.#store.get(name);
      if (old === undefined || checksumOf(old) !== sum) return false;
      await this.#store.set(name, bytes, this.#lifeLeftMs(bytes));
      return true;
    });
  }

  discard(key: string, sum: number): Promise<void> {
    return this.#inTurn(key, async (name) => {
      const old = await this.#store.get(name);
      if (old !== undefined && checksumOf(old) === sum) await this.#store.delete([name]);
    });
  }

  /** There is nobody to tell. */
  async announce(): Promise<void> {}

  async *scan(_through: Through): AsyncGenerator<readonly string[]> {
    const listed = this.#listed();
    if (listed === undefined) throw new Error('this store cannot be listed');
    // What is being loaded has no value yet.
    const keys = [...new Set([...this.#leases.keys(), ...listed])];
    for (let i = 0; i < keys.length; i += LISTED_AT_ONCE) yield keys.slice(i, i + LISTED_AT_ONCE);
  }

  #listed(): string[] | undefined {
    const names = this.#store.keys?.();
    return names && [...names].map((name) => this.#names.innerKey(name)).filter((key) => key !== undefined);
  }

  /** A store knows no `KEEPTTL`: what is left is in the envelope. */
  #lifeLeftMs(bytes: Buffer): number {
    const opened = readEnvelope(bytes);
    if (opened.status !== 'ok') return 0;
    const { storedAt, ttlMs, staleMs } = opened.facts;
    return Math.max(1, storedAt + ttlMs + staleMs - this.#clock.now());
  }

  /** After the writes of the key that are under way. What one of them does later than that is taken out. */
  #inTurn<T>(key: string, write: (name: string) => Promise<T>): Promise<T> {
    const name = this.#names.value(key);
    return this.#order.run(
      name,
      () => write(name),
      () => void this.#inTurn(key, () => this.#store.delete([name])).catch(() => {}),
    );
  }
}

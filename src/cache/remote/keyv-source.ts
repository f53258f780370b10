import { HotpathError, InvalidOptionError } from '../../core/errors.js';
import {
  isKeyvLike,
  isKeyvStorage,
  type KeyvLike,
  type KeyvStorageAdapterLike,
  keyvObjection,
  takesMoments,
} from './keyv-contract.js';
import { isUnreadable, KeyvErrorWatch } from './keyv-error-watch.js';
import { bytesOf, textOf, UNREADABLE } from './keyv-text.js';
import type { ValueStore, ValueStoreEntry } from './value-store.js';

/**
 * A store over a Keyv instance (5.6 up to 7), a storage adapter of Keyv 5 or 6, or a Map.
 *
 * An instance takes a time to live; an adapter takes that, or the moment of expiry, and which of them is told by its shape.
 * What a Map holds past its time stays until it is overwritten or deleted.
 *
 * A Keyv 5 that was given `emitErrors: false` keeps a failed delete to itself, and only `throwOnErrors` changes that.
 *
 * @param now - milliseconds since the epoch, by the wall clock: the moment of expiry is compared with that of others
 * @throws InvalidOptionError for anything else, for a Keyv before 5.6, and for a Keyv 6 that sanitizes keys
 */
export function keyvStore(value: KeyvLike | KeyvStorageAdapterLike, now: () => number = Date.now): ValueStore {
  const objection = keyvObjection(value);
  if (objection !== undefined) throw new InvalidOptionError('remote', objection, value);
  if (isKeyvLike(value)) return new KeyvValueStore(value, instanceCalls(value));
  if (isKeyvStorage(value)) return new KeyvValueStore(value, adapterCalls(value, now));
  throw new InvalidOptionError('remote', 'a Keyv instance, a Keyv storage adapter or a Map', value);
}

interface TextEntry {
  readonly key: string;
  readonly text: string;
  /** Whole milliseconds, above 0. May be Infinity. */
  readonly ttlMs: number;
}

/** The same few calls for an instance and for an adapter of either contract. Calls that are absent are made one by one. */
interface KeyvCalls {
  keyOf(key: string): string;
  get(key: string): unknown;
  readonly getMany: ((keys: string[]) => unknown) | undefined;
  set(entry: TextEntry): unknown;
  readonly setMany: ((entries: readonly TextEntry[]) => unknown) | undefined;
  delete(key: string): unknown;
  readonly deleteMany: ((keys: string[]) => unknown) | undefined;
}

function instanceCalls(keyv: KeyvLike): KeyvCalls {
  // To an instance 0 means: for good. Nothing at all means: its own default.
  const ttlOf = ({ ttlMs }: TextEntry): number => (ttlMs === Number.POSITIVE_INFINITY ? 0 : ttlMs);
  const { namespace } = keyv as { namespace?: unknown };
  return {
    // Keyv 5 leaves a key that already begins with its prefix as it is, in single calls, and prefixes it again in batches.
    keyOf: (key) => (typeof namespace === 'string' && key.startsWith(`${namespace}:`) ? `:${key}` : key),
    // Not `get`, in which Keyv 5 takes a failing store for a miss, without a word.
    get: async (key) => ((await keyv.getRaw(key)) as { value?: unknown } | undefined)?.value,
    // Without a store that can do it, Keyv 5 does it one by one, and hides failures.
    getMany: hasGetMany(keyv.store) ? (keys) => keyv.getMany(keys) : undefined,
    set: (entry) => keyv.set(entry.key, entry.text, ttlOf(entry)),
    setMany: (entries) => keyv.setMany(entries.map((e) => ({ key: e.key, value: e.text, ttl: ttlOf(e) }))),
    delete: (key) => keyv.delete(key),
    deleteMany: (keys) => keyv.deleteMany(keys),
  };
}

function hasGetMany(store: unknown): boolean {
  return typeof (store as { getMany?: unknown } | undefined)?.getMany === 'function';
}

function adapterCalls(adapter: KeyvStorageAdapterLike, now: () => number): KeyvCalls {
  const moments = takesMoments(adapter);
  const lifetimeOf = ({ ttlMs }: TextEntry): number | undefined => {
    if (ttlMs === Number.POSITIVE_INFINITY) return undefined;
    return moments ? Math.ceil(now() + ttlMs) : ttlMs;
  };
  const field = moments ? 'expires' : 'ttl';
  const { getMany, setMany, deleteMany } = adapter;
  return {
    keyOf: (key) => key,
    get: (key) => adapter.get(key),
    getMany: getMany && ((keys) => getMany.call(adapter, keys)),
    set: (entry) => adapter.set(entry.key, entry.text, lifetimeOf(entry)),
    setMany:
      setMany &&
      ((entries) =>
        setMany.call(adapter, entries.map((e) => ({ key: e.key, value: e.text, [field]: lifetimeOf(e) })) as never[])),
    delete: (key) => adapter.delete(key),
    deleteMany: deleteMany && ((keys) => deleteMany.call(adapter, keys)),
  };
}

class KeyvValueStore implements ValueStore {
  readonly #calls: KeyvCalls;
  readonly #watch: KeyvErrorWatch;
  readonly clear?: () => Promise<void>;
  readonly keys?: () => Iterable<string>;

  constructor(source: KeyvLike | KeyvStorageAdapterLike, calls: KeyvCalls) {
    this.#calls = calls;
    this.#watch = new KeyvErrorWatch(source);
    if (typeof source.clear === 'function') {
      this.clear = async () => void (await this.#watch.write(() => source.clear?.()));
    }
    if (source instanceof Map) this.keys = () => source.keys();
  }

  async get(key: string): Promise<Buffer | undefined> {
    try {
      return bytesOf(await this.#watch.read(() => this.#calls.get(this.#calls.keyOf(key)), isPresent));
    } catch (error) {
      if (isUnreadable(error)) return UNREADABLE;
      throw error;
    }
  }

  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    const { getMany, keyOf } = this.#calls;
    if (keys.length === 0) return [];
    if (getMany) {
      try {
        const found = await this.#watch.read(
          () => getMany(keys.map(keyOf)),
          (values) => Array.isArray(values) && keys.every((_, i) => isPresent(values[i])),
        );
        if (Array.isArray(found)) return keys.map((_, i) => bytesOf(found[i]));
      } catch (error) {
        // One unreadable value spoils the batch: the others are asked for one by one.
        if (!isUnreadable(error)) throw error;
      }
    }
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async set(key: string, bytes: Buffer, ttlMs: number): Promise<void> {
    if (!(ttlMs > 0)) return this.delete([key]);
    refuseFalse(await this.#watch.write(() => this.#calls.set(this.#textEntry({ key, bytes, ttlMs }))));
  }

  async setMany(entries: readonly ValueStoreEntry[]): Promise<void> {
    const { setMany } = this.#calls;
    const live = entries.filter(({ ttlMs }) => ttlMs > 0);
    const dead = entries.filter(({ ttlMs }) => !(ttlMs > 0)).map(({ key }) => key);
    if (dead.length > 0) await this.delete(dead);
    if (live.length === 0) return;
    if (!setMany) {
      await Promise.all(live.map(({ key, bytes, ttlMs }) => this.set(key, bytes, ttlMs)));
      return;
    }
    const answer = await this.#watch.write(() => setMany(live.map((entry) => this.#textEntry(entry))));
    for (const one of Array.isArray(answer) ? answer : [answer]) refuseFalse(one);
  }

  async delete(keys: readonly string[]): Promise<void> {
    const { deleteMany, keyOf } = this.#calls;
    const names = keys.map(keyOf);
    if (names.length > 1 && deleteMany) await this.#watch.write(() => deleteMany(names));
    else await Promise.all(names.map((name) => this.#watch.write(() => this.#calls.delete(name))));
  }

  close(): void {
    this.#watch.close();
  }

  #textEntry({ key, bytes, ttlMs }: ValueStoreEntry): TextEntry {
    // Redis refuses fractions.
    return { key: this.#calls.keyOf(key), text: textOf(bytes), ttlMs: Math.ceil(ttlMs) };
  }
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/** `false` is how Keyv and its adapters say that nothing was stored. */
function refuseFalse(answer: unknown): void {
  if (answer === false) throw new HotpathError('the Keyv store did not store the value', { code: 'KEYV_STORE' });
}

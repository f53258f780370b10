/** Tells a listener of trouble that reached no caller. */
type OnError = (event: string, listener: (error: unknown) => void) => unknown;

/** A Keyv instance of version 5.6 up to, not including, 7: what is used of it. */
export interface KeyvLike {
  readonly store?: unknown;
  readonly stats: unknown;
  getRaw(key: string): Promise<unknown>;
  getMany(keys: string[]): Promise<unknown[]>;
  set(key: string, value: unknown, ttl?: number): Promise<unknown>;
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  deleteMany(keys: string[]): Promise<unknown>;
  clear(): Promise<unknown>;
  on: OnError;
  off: OnError;
}

/**
 * A storage adapter for Keyv, or a Map: what is used of it. With `capabilities.expires` it is of the contract of version 6
 * (`set(key, value, expires)`, a moment); else of version 5 (`set(key, value, ttl)`, milliseconds).
 */
export interface KeyvStorageAdapterLike {
  readonly capabilities?: { readonly expires?: boolean | undefined } | undefined;
  get(key: string): unknown;
  set(key: string, value: unknown, lifetime?: number): unknown;
  delete(key: string): unknown;
  clear?(): unknown;
  // Methods that stand beside these in some adapters; their entries differ between the contracts.
  getMany?(keys: string[]): unknown;
  setMany?(entries: never[]): unknown;
  deleteMany?(keys: string[]): unknown;
  on?: OnError;
}

type Shape = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Shape => typeof value === 'object' && value !== null;
const hasMethods = (value: Shape, names: readonly string[]): boolean =>
  names.every((name) => typeof value[name] === 'function');

const STORE_METHODS = ['get', 'set', 'delete'];
const KEYV_METHODS = ['getRaw', 'getMany', 'setMany', 'deleteMany', 'clear', 'on', 'off'];

/** Whether it is a Keyv instance, of whatever version. */
export function isAnyKeyv(value: unknown): boolean {
  if (!isObject(value) || !hasMethods(value, STORE_METHODS) || takesMoments(value)) return false;
  // An instance keeps the store it was given, and up to version 5 keeps it among its options; no adapter does.
  const ownsStore = 'stats' in value && 'store' in value;
  return ownsStore || (isObject(value['opts']) && isObject(value['opts']['store']));
}

/**
 * Whether it is a Keyv instance that can serve. Older versions are told by the methods they lack; 5.5 lacks none and is
 * taken. Of 7 nothing is known yet.
 */
export function isKeyvLike(value: unknown): value is KeyvLike {
  return isAnyKeyv(value) && hasMethods(value as Shape, KEYV_METHODS);
}

/** Whether it is a storage adapter for Keyv 5 or 6, or a Map or something that has its methods. */
export function isKeyvStorage(value: unknown): value is KeyvStorageAdapterLike {
  if (!isObject(value) || isAnyKeyv(value) || !hasMethods(value, STORE_METHODS)) return false;
  // A cache has these methods too, and means other things by them.
  if ('getOrSet' in value) return false;
  return takesMoments(value) || typeof value['clear'] === 'function' || typeof value['has'] === 'function';
}

/**
 * The one mark by which Keyv 6 itself knows an adapter of its own contract; every other one it calls by the contract of 5.
 * An adapter that has it takes the moment of expiry, and would take milliseconds for a moment in 1970.
 */
export function takesMoments(value: object): boolean {
  const { capabilities } = value as KeyvStorageAdapterLike;
  return isObject(capabilities) && capabilities.expires === true;
}

/** What a Keyv instance would have to be to serve; `undefined` for one that can, and for what is none. */
export function keyvObjection(value: unknown): string | undefined {
  if (!isAnyKeyv(value)) return undefined;
  if (!isKeyvLike(value)) return 'a Keyv of version 5.6 or later, below 7';
  return rewritesKeys(value) ? 'a Keyv that leaves keys as they are (without sanitize.keys)' : undefined;
}

/** Whether a Keyv 6 rewrites keys: two different keys could then become one, and one caller get what is another's. */
function rewritesKeys(keyv: KeyvLike): boolean {
  const { sanitize } = keyv as { sanitize?: unknown };
  return isObject(sanitize) && isObject(sanitize['keys']) && Object.values(sanitize['keys']).includes(true);
}

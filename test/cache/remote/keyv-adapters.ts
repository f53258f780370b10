/** Entries with the moment they end. */
class Entries {
  readonly #map = new Map<string, { value: unknown; until: number }>();

  get(key: string): unknown {
    const entry = this.#map.get(key);
    return entry && Date.now() < entry.until ? entry.value : undefined;
  }

  put(key: string, value: unknown, until = Number.POSITIVE_INFINITY): void {
    this.#map.set(key, { value, until });
  }

  delete(key: string): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
  }
}

/** A storage adapter that keeps a log of what it is asked to write, and fails when it is told to. */
abstract class RecordingAdapter {
  readonly calls: unknown[][] = [];
  /** Thrown by every operation while it is set. */
  failure: Error | undefined;
  protected readonly entries = new Entries();

  #answer<T>(answer: () => T): T {
    if (this.failure) throw this.failure;
    return answer();
  }

  async get<V>(key: string): Promise<V | undefined> {
    return this.#answer(() => this.entries.get(key)) as V | undefined;
  }

  async getMany<V>(keys: string[]): Promise<(V | undefined)[]> {
    return this.#answer(() => keys.map((key) => this.entries.get(key))) as (V | undefined)[];
  }

  async has(key: string): Promise<boolean> {
    return this.#answer(() => this.entries.get(key) !== undefined);
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return this.#answer(() => keys.map((key) => this.entries.get(key) !== undefined));
  }

  async delete(key: string): Promise<boolean> {
    return this.#answer(() => this.entries.delete(key));
  }

  async clear(): Promise<void> {
    this.#answer(() => this.entries.clear());
  }

  /** What the host's own data would be. */
  plant(key: string, value: unknown): void {
    this.entries.put(key, value);
  }

  protected record(call: unknown[], write: () => void): void {
    this.calls.push(call);
    this.#answer(write);
  }

  /** The lifetime of each entry written, in order. */
  lifetimes(): (number | undefined)[] {
    return this.calls.flatMap(([method, first, , lifetime]) => {
      if (method === 'set') return [lifetime as number | undefined];
      return (first as { ttl?: number; expires?: number }[]).map(({ ttl, expires }) => ttl ?? expires);
    });
  }
}

/** The contract of Keyv 5: a time to live in milliseconds. */
export class Adapter5 extends RecordingAdapter {
  namespace: string | undefined;
  readonly opts = {};

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    this.record(['set', key, value, ttl], () => this.entries.put(key, value, ttl && Date.now() + ttl));
    return true;
  }

  async setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<boolean[]> {
    this.record(['setMany', entries], () => {
      for (const { key, value, ttl } of entries) this.entries.put(key, value, ttl && Date.now() + ttl);
    });
    return entries.map(() => true);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return (await Promise.all(keys.map((key) => this.delete(key)))).every(Boolean);
  }
}

/** The contract of Keyv 6: the moment of expiry. */
export class Adapter6 extends RecordingAdapter {
  readonly capabilities = { expires: true };

  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    this.record(['set', key, value, expires], () => this.entries.put(key, value, expires));
    return true;
  }

  async setMany(entries: { key: string; value: unknown; expires?: number }[]): Promise<boolean[]> {
    this.record(['setMany', entries], () => {
      for (const { key, value, expires } of entries) this.entries.put(key, value, expires);
    });
    return entries.map(() => true);
  }

  async deleteMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.delete(key)));
  }
}

/** A Map that keeps a log of what it is asked to write. */
export class RecordingMap extends Map<string, unknown> {
  readonly calls: unknown[][] = [];

  override set(...args: unknown[]): this {
    this.calls.push(['set', ...args]);
    return super.set(args[0] as string, args[1]);
  }
}

import Keyv from 'keyv';
import Keyv6 from 'keyv-6';
import { describe, expect, it } from 'vitest';
import { keyvStore } from '../../../src/cache/remote/keyv-source.js';
import type { ValueStore } from '../../../src/cache/remote/value-store.js';
import { Adapter5, Adapter6 } from './keyv-adapters.js';

const BYTES = Buffer.from('bytes');

/** Emits its failures and answers as if nothing were there, as some adapters do by default. */
class SilentAdapter extends Adapter5 {
  readonly #listeners = new Set<(error: unknown) => void>();

  on(_event: string, listener: (error: unknown) => void): this {
    this.#listeners.add(listener);
    return this;
  }

  off(_event: string, listener: (error: unknown) => void): this {
    this.#listeners.delete(listener);
    return this;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  async #swallow<T>(operation: Promise<T>, instead: T): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      for (const listener of this.#listeners) listener(error);
      return instead;
    }
  }

  override get<V>(key: string): Promise<V | undefined> {
    return this.#swallow(super.get<V>(key), undefined);
  }
  override getMany<V>(keys: string[]): Promise<(V | undefined)[]> {
    return this.#swallow(super.getMany<V>(keys), []);
  }
  override set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#swallow(super.set(key, value, ttl), undefined as never);
  }
  override setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<boolean[]> {
    return this.#swallow(super.setMany(entries), undefined as never);
  }
  override delete(key: string): Promise<boolean> {
    return this.#swallow(super.delete(key), false);
  }
  override clear(): Promise<void> {
    return this.#swallow(super.clear(), undefined);
  }
}

const OPERATIONS: Record<string, (store: ValueStore) => Promise<unknown>> = {
  get: (store) => store.get('k'),
  getMany: (store) => store.getMany(['k', 'l']),
  set: (store) => store.set('k', BYTES, 1_000),
  setMany: (store) => store.setMany(['k', 'l'].map((key) => ({ key, bytes: BYTES, ttlMs: 1_000 }))),
  'delete of one': (store) => store.delete(['k']),
  'delete of two': (store) => store.delete(['k', 'l']),
  clear: (store) => store.clear!(),
};

/** Adapters that fail by rejecting, bare and in both instances, with and without a listener of the host. */
const listened = <K extends { on(event: string, listener: (error: unknown) => void): unknown }>(keyv: K): K => {
  keyv.on('error', () => {});
  return keyv;
};
const FAILING: Record<string, () => [Adapter5 | Adapter6, Parameters<typeof keyvStore>[0]]> = {
  'an adapter of version 5': () => same(new Adapter5()),
  'an adapter of version 6': () => same(new Adapter6()),
  'an adapter that only emits': () => same(new SilentAdapter()),
  'Keyv 5.6': () => within(new Adapter5(), (a) => new Keyv(a as never)),
  'Keyv 5.6 with a listener': () => within(new Adapter5(), (a) => listened(new Keyv(a as never))),
  'Keyv 5.6 with throwOnErrors': () => within(new Adapter5(), (a) => new Keyv(a as never, { throwOnErrors: true })),
  'Keyv 5.6 over an adapter without batches': () => within(withoutBatches(), (a) => new Keyv(a as never)),
  'Keyv 5.6 over an adapter that only emits': () => within(new SilentAdapter(), (a) => new Keyv(a as never)),
  'Keyv 6': () => within(new Adapter6(), (a) => new Keyv6(a as never)),
  'Keyv 6 with a listener': () => within(new Adapter6(), (a) => listened(new Keyv6(a as never))),
  'Keyv 6 over an adapter of version 5': () => within(new Adapter5(), (a) => new Keyv6(a)),
  'Keyv 6 over an adapter that only emits': () => within(new SilentAdapter(), (a) => new Keyv6(a as never)),
};

function same(adapter: Adapter5 | Adapter6): [Adapter5 | Adapter6, Adapter5 | Adapter6] {
  return [adapter, adapter];
}
function within<A extends Adapter5 | Adapter6, K>(adapter: A, build: (adapter: A) => K): [A, K] {
  return [adapter, build(adapter)];
}
function withoutBatches(): Adapter5 {
  return Object.assign(new Adapter5(), { getMany: undefined, setMany: undefined, deleteMany: undefined });
}

describe.each(Object.entries(FAILING))('a failing store: %s', (_, build) => {
  it.each(Object.entries(OPERATIONS))('%s rejects with its error, and works again afterwards', async (_, operation) => {
    const [adapter, source] = build();
    const store = keyvStore(source);
    adapter.failure = new Error('the store is away');
    await expect(operation(store)).rejects.toBe(adapter.failure);
    // Not taken for something that a parser stumbled over, either.
    adapter.failure = new TypeError('a bug in the adapter');
    await expect(operation(store)).rejects.toBe(adapter.failure);
    adapter.failure = undefined;
    await operation(store);
    await store.set('k', BYTES, 60_000);
    expect(await store.get('k')).toEqual(BYTES);
  });
});

describe('what is not a failure', () => {
  it('an error of another operation, for a read that found something', async () => {
    const adapter = new SilentAdapter();
    const store = keyvStore(adapter);
    await store.set('k', BYTES, 60_000);
    const read = store.get('k');
    adapter.failure = new Error('away');
    const failed = store.get('l');
    adapter.failure = undefined;
    await expect(failed).rejects.toThrow('away');
    expect(await read).toEqual(BYTES);
  });

  it('a deletion of what is absent', async () => {
    await keyvStore(new Adapter5()).delete(['absent']);
    await keyvStore(new Keyv()).delete(['absent', 'too']);
    await keyvStore(new Keyv6()).delete(['absent', 'too']);
  });
});

describe('what answers false', () => {
  it('has not stored anything', async () => {
    const adapter = new Adapter5();
    adapter.set = async () => false;
    adapter.setMany = async (entries) => entries.map((_, i) => i > 0);
    const store = keyvStore(adapter);
    await expect(store.set('k', BYTES, 1_000)).rejects.toMatchObject({ code: 'KEYV_STORE' });
    await expect(OPERATIONS['setMany']!(store)).rejects.toMatchObject({ code: 'KEYV_STORE' });
    const quiet = keyvStore(new Keyv(adapter as never, { emitErrors: false }));
    await expect(quiet.set('k', BYTES, 1_000)).rejects.toMatchObject({ code: 'KEYV_STORE' });
  });

  it('says so with a Keyv that emits texts', async () => {
    const adapter = new SilentAdapter();
    const store = keyvStore(adapter);
    adapter.failure = 'a text' as never;
    await expect(store.get('k')).rejects.toThrow('a text');
  });
});

describe("the host's object", () => {
  it.each([new Keyv(), new Keyv6()])(
    'has one listener more until the store is closed, and nothing else',
    async (keyv) => {
      const listeners = (): number => keyv.listeners('error').length;
      const before = { ...keyv, listeners: listeners() };
      const store = keyvStore(keyv);
      expect(listeners()).toBe(1);
      await store.set('k', BYTES, 1_000);
      await store.get('k');
      store.close?.();
      store.close?.();
      expect(listeners()).toBe(0);
      const { throwOnErrors, namespace, ttl } = keyv as Keyv;
      const { _throwOnErrors, _namespace, _ttl } = before as unknown as Record<string, unknown>;
      expect([throwOnErrors, namespace, ttl]).toEqual([_throwOnErrors, _namespace, _ttl]);
    },
  );

  it('does not end the process with an error that nobody waits for, as Keyv 6 without a listener does', () => {
    const keyv = new Keyv6();
    expect(() => keyv.emit('error', new Error('of a socket'))).toThrow('of a socket');
    const store = keyvStore(keyv);
    expect(() => keyv.emit('error', new Error('of a socket'))).not.toThrow();
    store.close?.();
  });

  it('of an adapter gets its listener back too', () => {
    const adapter = new SilentAdapter();
    const store = keyvStore(adapter);
    expect(adapter.listenerCount).toBe(1);
    store.close?.();
    expect(adapter.listenerCount).toBe(0);
  });
});

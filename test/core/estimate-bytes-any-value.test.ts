import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateBytes } from '../../src/core/estimate-bytes.js';
import { seedOf } from '../random.js';

const mustNotRun = (): never => {
  throw new Error('must not run');
};

/** Every trap of a proxy, each of which is code of the host. */
const TRAPS = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((name) => [name, mustNotRun]),
) as ProxyHandler<object>;

const kinds = {
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
};
const anything = fc.anything(kinds);
/** Small enough that nothing is left to a sample: a sparse array has more places than elements. */
const small = fc.anything({ ...kinds, withSparseArray: false, maxKeys: 3, maxDepth: 2 });

function isSane(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes >= 0;
}

describe('estimateBytes of any value', () => {
  it('is a whole number of bytes', () => {
    const seed = seedOf('estimateBytes of any value');
    fc.assert(
      fc.property(anything, (value) => isSane(estimateBytes(value))),
      { seed, numRuns: 500 },
    );
  });

  it('is more for a container than for what it holds', () => {
    const seed = seedOf('estimateBytes of a container');
    fc.assert(
      fc.property(small, (value) => {
        const bytes = estimateBytes(value);
        // In a list of numbers a fraction is no object of its own.
        if (typeof value !== 'number') expect(estimateBytes([value])).toBeGreaterThan(bytes);
        expect(estimateBytes({ value })).toBeGreaterThan(bytes);
        expect(estimateBytes(new Map([['key', value]]))).toBeGreaterThan(bytes);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('is the same for a value and for the same value with a cycle, the field aside', () => {
    const seed = seedOf('estimateBytes of cycles');
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 8 }), small, { minKeys: 1, maxKeys: 8 }), (record) => {
        const without = { ...record, self: null };
        const cyclic: Record<string, unknown> = { ...record, self: null };
        cyclic['self'] = cyclic;
        expect(estimateBytes(cyclic)).toBe(estimateBytes(without));
      }),
      { seed, numRuns: 200 },
    );
  });

  it('grows with every character, element and entry', () => {
    const sizes = [0, 10, 40, 200, 3000];
    const makers: Record<string, (n: number) => unknown> = {
      text: (n) => 'x'.repeat(n),
      list: (n) => Array.from({ length: n }, (_, i) => i + 0.5),
      rows: (n) => Array.from({ length: n }, (_, i) => ({ id: i, name: `name ${i}` })),
      map: (n) => new Map(Array.from({ length: n }, (_, i) => [i, i])),
      set: (n) => new Set(Array.from({ length: n }, (_, i) => i)),
      record: (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i])),
      bytes: (n) => new Uint8Array(n),
      digits: (n) => 10n ** BigInt(n),
    };
    for (const [name, make] of Object.entries(makers)) {
      const estimates = sizes.map((size) => estimateBytes(make(size)));
      expect(new Set(estimates).size, name).toBe(sizes.length - (name === 'digits' ? 1 : 0));
      expect(
        estimates.every((bytes, i) => i === 0 || bytes >= estimates[i - 1]!),
        name,
      ).toBe(true);
    }
  });

  it('runs no trap of a proxy, no getter and no method of the host', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const revokedList = Proxy.revocable([], {});
    revokedList.revoke();
    class Overridden extends Map<string, string> {
      override get size(): number {
        return mustNotRun();
      }
      override [Symbol.iterator](): MapIterator<[string, string]> {
        return mustNotRun();
      }
      override entries(): MapIterator<[string, string]> {
        return mustNotRun();
      }
    }
    const lazyError = new Error('late');
    Object.defineProperty(lazyError, 'message', { get: mustNotRun });
    const values: unknown[] = [
      new Proxy({}, TRAPS),
      new Proxy([], TRAPS),
      new Proxy(() => 1, TRAPS),
      revoked.proxy,
      revokedList.proxy,
      Object.create(new Proxy({}, TRAPS)),
      {
        get dear() {
          return mustNotRun();
        },
      },
      new Overridden([]),
      lazyError,
      Object.create(Map.prototype),
      Object.create(Date.prototype),
      Object.create(Uint8Array.prototype),
    ];
    for (const value of values) {
      expect(isSane(estimateBytes(value))).toBe(true);
      expect(isSane(estimateBytes({ value, list: [value], map: new Map([[value, value]]) }))).toBe(true);
    }
    // The catch around it all hides what was run: the parts must count, which they do not where one of them threw.
    expect(estimateBytes([...values, 'x'.repeat(10_000)])).toBeGreaterThan(10_000);
  });

  it('takes values of another realm, of the process, and modules', () => {
    const realm = createContext({});
    const foreign: unknown = runInContext('({ map: new Map([[1, "x".repeat(5000)]]), list: [new Date()] })', realm);
    expect(estimateBytes(foreign)).toBeGreaterThan(5000);
    for (const value of [process.env, globalThis, process, import.meta, realm]) {
      expect(isSane(estimateBytes(value))).toBe(true);
    }
  });

  it('takes what is nested deeper than a stack, and looks at a bounded number of parts', () => {
    let list: unknown[] = [];
    let record: Record<string, unknown> = {};
    for (let i = 0; i < 200_000; i++) {
      list = [list];
      record = { record };
    }
    expect(isSane(estimateBytes(list))).toBe(true);
    expect(isSane(estimateBytes(record))).toBe(true);
    const deepen = (): number => {
      try {
        return deepen();
      } catch {
        return estimateBytes({ list, record });
      }
    };
    expect(isSane(deepen())).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { estimateBytes } from '../../src/core/estimate-bytes.js';

describe('estimateBytes', () => {
  it('counts typed arrays and buffers to the byte, beside a fixed overhead', () => {
    const empty = estimateBytes(new Float32Array(0));
    expect(estimateBytes(new Float32Array(16)) - empty).toBe(64);
    expect(estimateBytes(new Float32Array(1536)) - empty).toBe(6144);
    expect(estimateBytes(Buffer.alloc(1000)) - empty).toBe(1000);
    expect(estimateBytes(new DataView(new ArrayBuffer(64))) - empty).toBe(64);
    const emptyBuffer = estimateBytes(new ArrayBuffer(0));
    expect(estimateBytes(new ArrayBuffer(64)) - emptyBuffer).toBe(64);
    expect(estimateBytes(new SharedArrayBuffer(64)) - emptyBuffer).toBe(64);
  });

  it('counts a view with the whole buffer that it keeps alive, once, but only a share of the pool', () => {
    const buffer = new ArrayBuffer(1_000_000);
    const part = new Float32Array(buffer, 400, 100);
    expect(estimateBytes(part)).toBeGreaterThan(1_000_000);
    const both = estimateBytes([part, new Float32Array(buffer, 800, 100)]);
    expect(both).toBeGreaterThan(1_000_000);
    expect(both).toBeLessThan(1_001_000);
    const pooled = Buffer.from('x'.repeat(1000));
    expect(pooled.buffer.byteLength).toBe(Buffer.poolSize);
    expect(estimateBytes(pooled)).toBeGreaterThan(1000);
    expect(estimateBytes(pooled)).toBeLessThan(1500);
  });

  it('tells one-byte from two-byte strings, by a single wide character too', () => {
    expect(estimateBytes('가'.repeat(1000)) - estimateBytes('a'.repeat(1000))).toBe(1000);
    const narrow = estimateBytes('a'.repeat(50_000));
    for (const at of [0, 1, 777, 25_001, 49_999]) {
      const dashed = `${'a'.repeat(at)}—${'a'.repeat(49_999 - at)}`;
      expect(estimateBytes(dashed) - narrow).toBe(50_000);
    }
  });

  it('tells a longer text by 16 windows', () => {
    const narrow = estimateBytes('a'.repeat(1_000_000));
    expect(narrow).toBeLessThan(1_000_100);
    expect(estimateBytes(`${'a'.repeat(999_999)}—`)).toBe(narrow + 1_000_000);
    expect(estimateBytes(`${'a'.repeat(20_000)}—`.repeat(50))).toBeGreaterThan(2_000_000);
  });

  it('leaves no text behind in what RegExp remembers', () => {
    estimateBytes('가'.repeat(2000));
    estimateBytes('가'.repeat(200_000));
    expect(RegExp.lastMatch.length).toBe(1);
    expect(RegExp.rightContext.length).toBe(0);
  });

  it('survives cycles and counts shared parts once', () => {
    const part = { text: 'x'.repeat(10_000) };
    const cyclic: Record<string, unknown> = { part };
    cyclic['self'] = cyclic;
    cyclic['again'] = part;
    expect(estimateBytes(cyclic)).toBeGreaterThan(10_000);
    expect(estimateBytes(cyclic)).toBeLessThan(11_000);
  });

  it('counts what the elements of a list share once', () => {
    const config = { text: 'x'.repeat(10_000) };
    const rows = Array.from({ length: 500 }, (_, id) => ({ id, config }));
    expect(estimateBytes(rows)).toBeLessThan(10_000 + 500 * 100);
    expect(estimateBytes(new Array(500).fill(config))).toBeLessThan(10_000 + 500 * 10);
  });

  it('counts the short texts that a parsed list repeats once', () => {
    const states = JSON.stringify(Array.from({ length: 1000 }, (_, i) => ['open', 'closed', 'on hold'][i % 3]));
    expect(estimateBytes(JSON.parse(states))).toBeLessThan(8072 * 1.25);
  });

  it('takes a list without elements for what its places cost, and a sparse one for its table', () => {
    expect(estimateBytes(new Array(1000))).toBeGreaterThan(8000);
    const sparse: string[] = [];
    sparse[5_000_000] = 'x'.repeat(1000);
    expect(estimateBytes(sparse)).toBeGreaterThan(1000);
    expect(estimateBytes(sparse)).toBeLessThan(2000);
  });

  it('counts names in a dictionary, not in the rows of a table', () => {
    const named = (n: number, name: (i: number) => string) =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [name(i), i]));
    const word = (i: number) => 'column'.repeat(5) + String.fromCharCode(97 + i);
    expect(estimateBytes(named(24, word))).toBeLessThan(24 * 8 + 100);
    // Columns of a year, of a month in another language, numbered ones.
    for (const column of [(i: number) => `sales_${2000 + i}`, (i: number) => `매출_${i}월`, (i: number) => `col${i}`]) {
      expect(estimateBytes(named(24, column))).toBe(estimateBytes(named(24, word)));
    }
    expect(estimateBytes(named(24, (i) => `user:${i}:${'x'.repeat(100)}`))).toBeGreaterThan(24 * 100);
    expect(estimateBytes(named(200, (i) => `${'x'.repeat(100)}${String.fromCharCode(97 + i)}`))).toBeGreaterThan(
      200 * 100,
    );
  });

  it('takes a list of numbers for a packed one, and fractions among other things for objects', () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i + 0.5);
    expect(estimateBytes(numbers)).toBeLessThan(9000);
    expect(estimateBytes(numbers.map((n, i) => (i % 2 ? n : null)))).toBeGreaterThan(15_000);
  });

  it('grows with the number of rows although it looks at a sample', () => {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => ({ id: i, name: `name ${i}`, price: i + 0.5 }));
    const ratio = estimateBytes(rows(50_000)) / estimateBytes(rows(500));
    expect(ratio).toBeGreaterThan(80);
    expect(ratio).toBeLessThan(125);
  });

  it('looks into maps, sets, dates, nested lists and records with many keys', () => {
    const text = 'x'.repeat(100);
    expect(estimateBytes(new Map([[text, text]]))).toBeGreaterThan(200);
    expect(estimateBytes(new Set([text, `${text}y`]))).toBeGreaterThan(200);
    expect(estimateBytes(new Date())).toBeGreaterThan(50);
    expect(estimateBytes([[[text]]])).toBeGreaterThan(100);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, text]));
    expect(estimateBytes(many)).toBeGreaterThan(5000 * 100);
  });

  it('takes anything, and runs no getter of a class', () => {
    class Lazy {
      field = 'x'.repeat(50);
      get dear(): string {
        throw new Error('must not run');
      }
    }
    Object.defineProperty(Lazy.prototype, 'dear', { enumerable: true });
    const own = Object.defineProperty(new Lazy(), 'ownGetter', {
      enumerable: true,
      get: () => {
        throw new Error('must not run');
      },
    });
    for (const value of [
      undefined,
      null,
      true,
      1,
      1.5,
      1n,
      Symbol('s'),
      () => 1,
      new WeakMap(),
      own,
      Object.create(null),
    ]) {
      expect(estimateBytes(value)).toBeGreaterThanOrEqual(0);
    }
    expect(estimateBytes(own)).toBeGreaterThan(50);
  });
});

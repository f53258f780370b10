import { describe, expect, it } from 'vitest';
import { estimateBytes } from '../../src/core/estimate-bytes.js';

describe('estimateBytes', () => {
  it('counts typed arrays and buffers to the byte, beside a fixed overhead', () => {
    const empty = estimateBytes(new Float32Array(0));
    expect(estimateBytes(new Float32Array(1536)) - empty).toBe(6144);
    expect(estimateBytes(Buffer.alloc(1000)) - empty).toBe(1000);
    expect(estimateBytes(new ArrayBuffer(64)) - empty).toBe(64);
    expect(estimateBytes(new DataView(new ArrayBuffer(64))) - empty).toBe(64);
  });

  it('tells one-byte from two-byte strings', () => {
    expect(estimateBytes('가'.repeat(1000)) - estimateBytes('a'.repeat(1000))).toBe(1000);
  });

  it('survives cycles and counts shared parts once', () => {
    const part = { text: 'x'.repeat(10_000) };
    const cyclic: Record<string, unknown> = { part };
    cyclic['self'] = cyclic;
    cyclic['again'] = part;
    expect(estimateBytes(cyclic)).toBeGreaterThan(10_000);
    expect(estimateBytes(cyclic)).toBeLessThan(11_000);
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

import { afterEach, describe, expect, it, vi } from 'vitest';
import { estimateBytes } from '../../src/core/estimate-bytes.js';

const MB = 1_048_576;

/** Bytes that the heap grows by while a value is estimated. What it takes for a moment shows: no collection is asked for. */
function grownBy(value: unknown): number {
  const before = process.memoryUsage().heapUsed;
  estimateBytes(value);
  return process.memoryUsage().heapUsed - before;
}

describe('what an estimate costs', () => {
  it('lists no keys of a list that is full of undefined', () => {
    const list = new Array(1_000_000).fill(undefined);
    expect(estimateBytes(list)).toBeGreaterThan(8_000_000);
    expect(grownBy(list)).toBeLessThan(4 * MB);
  });

  it('lists no keys of a huge list with holes', () => {
    const dense = Array.from({ length: 500_000 }, (_, i) => i);
    const holey = new Array<number>(8_000_000);
    for (let i = 0; i < 500_000; i++) holey[i * 16] = i;
    const far: number[] = [...dense];
    far[20_000_000] = 1;
    for (const list of [holey, far]) expect(grownBy(list)).toBeLessThan(4 * MB);
    expect(estimateBytes(holey)).toBeGreaterThan(8 * 7_999_984);
    expect(estimateBytes(far)).toBeGreaterThan(4_000_000);
  });

  it('puts no long text together that the engine keeps in pieces', () => {
    const text = 'x'.repeat(300_000_000);
    expect(grownBy(text)).toBeLessThan(4 * MB);
    expect(grownBy({ text, list: [text] })).toBeLessThan(4 * MB);
    expect(estimateBytes(text)).toBe(300_000_016);
  });

  it('puts few together where there are many', () => {
    const texts = () => Array.from({ length: 100 }, (_, i) => `${i + 100}`.repeat(330_000));
    expect(grownBy(texts())).toBeLessThan(10 * MB);
    expect(grownBy(Object.fromEntries(texts().map((text, i) => [`t${i}`, text])))).toBeLessThan(12 * MB);
  });

  it('lists no characters of a String object', () => {
    const object = new String('x'.repeat(400_000));
    expect(grownBy(object)).toBeLessThan(4 * MB);
    expect(estimateBytes(object)).toBeGreaterThan(400_000);
    expect(estimateBytes(object)).toBeLessThan(401_000);
  });
});

describe('the width of a long text', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  async function estimatorWith(v8: object | undefined): Promise<typeof estimateBytes> {
    vi.resetModules();
    vi.stubGlobal('process', { ...process, getBuiltinModule: () => v8 });
    return (await import('../../src/core/estimate-bytes.js')).estimateBytes;
  }

  it('is asked for where Node.js can tell', async () => {
    const estimate = await estimatorWith({ isStringOneByteRepresentation: (text: string) => !text.startsWith('가') });
    expect(estimate('가'.repeat(2_000_000))).toBe(4_000_016);
    expect(estimate('a'.repeat(2_000_000))).toBe(2_000_016);
    // Where no window is.
    const hidden = await estimatorWith({ isStringOneByteRepresentation: (text: string) => !text.includes('가') });
    expect(hidden(`${'a'.repeat(20_000)}가${'a'.repeat(979_999)}`)).toBe(2_000_016);
  });

  it('is one byte a character where it can not', async () => {
    for (const v8 of [undefined, {}]) {
      const estimate = await estimatorWith(v8);
      expect(estimate('가'.repeat(2_000_000))).toBe(2_000_016);
      expect(estimate('가'.repeat(100_000))).toBe(200_016);
    }
  });
});

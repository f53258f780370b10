import { describe, expect, it } from 'vitest';
import { estimateBytes } from '../../src/core/estimate-bytes.js';

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** The types of Node.js leave it out. */
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: new (size: { initial: number }) => Memory } };

const mustNotRun = (): never => {
  throw new Error('must not run');
};

function withOwn<T extends object>(value: T, name: string, descriptor: PropertyDescriptor): T {
  return Object.defineProperty(value, name, descriptor);
}

class Bytes extends Uint8Array {
  override get byteLength(): number {
    return mustNotRun();
  }
  override get byteOffset(): number {
    return mustNotRun();
  }
  override get buffer(): ArrayBuffer {
    return mustNotRun();
  }
}

class Block extends ArrayBuffer {
  override get byteLength(): number {
    return mustNotRun();
  }
}

class SharedBlock extends SharedArrayBuffer {
  override get byteLength(): number {
    return mustNotRun();
  }
}

/** The types of TypeScript let nobody extend a `DataView`. */
const look = new DataView(new ArrayBuffer(100_000));
for (const name of ['byteLength', 'byteOffset', 'buffer']) Object.defineProperty(look, name, { get: mustNotRun });

/** 100,000 bytes each, whatever they say of themselves. */
const values: Readonly<Record<string, object>> = {
  'a typed array of a subclass': new Bytes(100_000),
  'a buffer of a subclass': new Block(100_000),
  'a shared buffer of a subclass': new SharedBlock(100_000),
  'a view on a buffer of a subclass': new Float32Array(new Block(100_000)),
  'a DataView with getters of its own': look,
  'a length of its own': withOwn(new Uint8Array(100_000), 'byteLength', { value: -5e9 }),
  'a place of its own': withOwn(new Uint8Array(100_000), 'byteOffset', { get: mustNotRun }),
  'a buffer of its own': withOwn(new Uint8Array(100_000), 'buffer', { value: { byteLength: Number.NaN } }),
  'a buffer with a length of its own': withOwn(new ArrayBuffer(100_000), 'byteLength', { value: Number.NaN }),
};

describe('estimateBytes of what says something else of itself', () => {
  for (const [name, value] of Object.entries(values)) {
    it(`counts ${name} by what it holds`, () => {
      const bytes = estimateBytes(value);
      expect(bytes).toBeGreaterThanOrEqual(100_000);
      expect(bytes).toBeLessThan(100_500);
      // The catch around it all hides what was run: the text beside it must count.
      expect(estimateBytes([value, 'x'.repeat(50_000)])).toBeGreaterThan(150_000);
    });
  }

  it('takes what has lost its buffer', () => {
    const buffer = new ArrayBuffer(1000);
    const lost = [new Uint8Array(buffer), new DataView(buffer), buffer];
    structuredClone(buffer, { transfer: [buffer] });
    for (const value of lost) expect(estimateBytes([value, 'x'.repeat(50_000)])).toBeGreaterThan(50_000);
  });

  it('counts the memory of WebAssembly, once', () => {
    const memory = new WebAssembly.Memory({ initial: 2 });
    expect(estimateBytes(memory)).toBeGreaterThan(131_072);
    expect(estimateBytes([memory, new Uint8Array(memory.buffer)])).toBeLessThan(132_000);
    expect(estimateBytes([Object.create(WebAssembly.Memory.prototype as object), 'x'.repeat(1000)])).toBeGreaterThan(
      1000,
    );
  });
});

/** What the engine itself answers about its objects. A field or a getter of the same name on an object or a subclass is code of the host. */
interface Intrinsics {
  readonly typedLength: Getter<number>;
  readonly typedOffset: Getter<number>;
  readonly typedBuffer: Getter<ArrayBufferLike>;
  readonly dataBuffer: Getter<ArrayBufferLike>;
  readonly bufferLength: Getter<number>;
  readonly sharedLength: Getter<number>;
  readonly mapSize: Getter<number>;
  readonly setSize: Getter<number>;
  readonly mapEntries: (this: unknown) => IterableIterator<[unknown, unknown]>;
  readonly setValues: (this: unknown) => IterableIterator<unknown>;
  readonly stringValue: (this: unknown) => string;
  /** Absent where Node.js runs without WebAssembly. */
  readonly wasmPrototype: object | undefined;
  readonly wasmBuffer: Getter<ArrayBufferLike> | undefined;
}

type Getter<T> = (this: unknown) => T;

let cached: Intrinsics | undefined;

export function intrinsics(): Intrinsics {
  cached ??= readIntrinsics();
  return cached;
}

/** Bytes of an `ArrayBuffer` or `SharedArrayBuffer`. */
export function bufferLength(buffer: ArrayBufferLike): number {
  const { bufferLength: plain, sharedLength } = intrinsics();
  try {
    return plain.call(buffer);
  } catch {
    // A shared one, then. To ask for its kind first takes longer than all the rest.
    return sharedLength.call(buffer);
  }
}

function readIntrinsics(): Intrinsics {
  const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const wasm = (globalThis as { WebAssembly?: { Memory: { prototype: object } } }).WebAssembly?.Memory.prototype;
  return {
    typedLength: getter(typed, 'byteLength'),
    typedOffset: getter(typed, 'byteOffset'),
    typedBuffer: getter(typed, 'buffer'),
    dataBuffer: getter(DataView.prototype, 'buffer'),
    bufferLength: getter(ArrayBuffer.prototype, 'byteLength'),
    sharedLength: getter(SharedArrayBuffer.prototype, 'byteLength'),
    mapSize: getter(Map.prototype, 'size'),
    setSize: getter(Set.prototype, 'size'),
    mapEntries: Map.prototype.entries,
    setValues: Set.prototype.values,
    stringValue: String.prototype.valueOf,
    wasmPrototype: wasm,
    wasmBuffer: wasm && getter(wasm, 'buffer'),
  };
}

function getter<T>(prototype: object, name: string): Getter<T> {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as Getter<T>;
}

import { types } from 'node:util';
import { mapBytes, setBytes } from './collection-bytes.js';
import { ARRAY_BUFFER, BIGINT, DATE, ERROR, OBJECT, REGEXP } from './heap-sizes.js';
import { bufferLength, intrinsics } from './intrinsics.js';
import type { Sizer } from './sizer.js';
import { textBytes } from './text-bytes.js';
import { bufferBytes } from './view-bytes.js';

/** Bytes of an object that the engine provides, its own fields aside; `undefined` for the host's classes. */
export function builtInBytes(value: object, sizer: Sizer, looks: number): number | undefined {
  if (types.isMap(value)) return mapBytes(value, sizer, looks);
  if (types.isSet(value)) return setBytes(value, sizer, looks);
  if (types.isDate(value)) return DATE;
  if (types.isAnyArrayBuffer(value)) return ARRAY_BUFFER + bufferLength(value);
  if (types.isRegExp(value)) return REGEXP;
  // The stack is not asked for: to read it is to make it. A message is a plain field of the error, if it has one.
  if (types.isNativeError(value)) return ERROR + messageBytes(value);
  const { wasmPrototype, wasmBuffer } = intrinsics();
  if (wasmBuffer && Object.getPrototypeOf(value) === wasmPrototype) return wasmBytes(value, wasmBuffer, sizer);
  return undefined;
}

function messageBytes(error: Error): number {
  const message: unknown = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  return typeof message === 'string' ? textBytes(message) : 0;
}

function wasmBytes(memory: object, bufferOf: () => ArrayBufferLike, sizer: Sizer): number | undefined {
  try {
    return OBJECT + bufferBytes(bufferOf.call(memory), sizer);
  } catch {
    // An object of the host with the prototype of a memory.
    return undefined;
  }
}

/** Bytes of a whole number of any size: its digits of 64 bits behind a header. */
export function bigintBytes(value: bigint): number {
  const digits = BigInt.asIntN(64, value) === value ? 1 : Math.ceil(value.toString(16).length / 16);
  return BIGINT + 8 * digits;
}

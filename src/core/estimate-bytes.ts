import { types } from 'node:util';
import { bigintBytes, builtInBytes } from './estimate/built-in-bytes.js';
import { EMPTY_OBJECT, FUNCTION, HEAP_NUMBER, OBJECT, SYMBOL } from './estimate/heap-sizes.js';
import { listBytes } from './estimate/list-bytes.js';
import { isSmallInteger } from './estimate/number-kind.js';
import { recordBytes } from './estimate/record-bytes.js';
import type { Sizer } from './estimate/sizer.js';
import { textBytes } from './estimate/text-bytes.js';
import { viewBytes } from './estimate/view-bytes.js';

/** How many objects and fields one estimate looks at in all. */
const LOOKS = 512;
/** How many of them a list spends on its elements: the lists within share what each element gets. */
const LOOKS_OF_A_LIST = 48;
/** So many objects are found again faster in a list than in a `Set`. */
const LISTED = 24;

/**
 * Estimates the memory that a value holds, in bytes, in a microsecond or two: within a quarter of the truth for the values
 * that services keep. Typed arrays and buffers count to the byte beside their overhead, strings by length and width, lists,
 * collections and wide objects by a sample. Cycles and shared parts count once. It never throws, and runs no getter, trap or
 * method of the host (an accessor at the index of an array excepted): a proxy counts as one object.
 *
 * What can't be seen from JavaScript is taken for the usual case. A list of fractions is taken for a packed one, as
 * `JSON.parse` and `map` make it (8 bytes each; after `structuredClone` or a spread of a typed array it is 24). Room to
 * spare in an object built field by field, private fields, a text that a substring was cut from, and what a closure holds
 * do not count. A list far longer than what it holds, and an object of thousands of fields, take as long as V8 to list them.
 */
export function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  try {
    return new Walk().bytesOf(value, LOOKS_OF_A_LIST);
  } catch {
    // A stack that was nearly used up, or a module whose exports are not there yet.
    return EMPTY_OBJECT;
  }
}

class Walk implements Sizer {
  left = LOOKS;
  readonly #listed: object[] = [];
  #more: Set<object> | undefined;

  bytesOf(value: unknown, looks: number): number {
    switch (typeof value) {
      case 'string':
        return textBytes(value);
      case 'number':
        return isSmallInteger(value) ? 0 : HEAP_NUMBER;
      case 'object':
        return value === null ? 0 : this.#objectBytes(value, looks);
      case 'bigint':
        return bigintBytes(value);
      case 'function':
        return FUNCTION;
      case 'symbol':
        return SYMBOL;
      default:
        return 0;
    }
  }

  isNew(value: object): boolean {
    if (this.#listed.includes(value)) return false;
    if (this.#listed.length < LISTED) {
      this.#listed.push(value);
      return true;
    }
    this.#more ??= new Set();
    if (this.#more.has(value)) return false;
    this.#more.add(value);
    return true;
  }

  #objectBytes(value: object, looks: number): number {
    // First of all: whatever else is asked of a proxy runs code of the host.
    if (types.isProxy(value) || this.left-- <= 0) return EMPTY_OBJECT;
    if (!this.isNew(value)) return 0;
    if (ArrayBuffer.isView(value)) return viewBytes(value, this);
    if (Array.isArray(value)) return listBytes(value, this, looks);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return recordBytes(value, 'plain', this, looks);
    if (prototype === null) return recordBytes(value, 'table', this, looks);
    const builtIn = builtInBytes(value, this, looks);
    const instance = recordBytes(value, 'instance', this, looks);
    return builtIn === undefined ? instance : builtIn - OBJECT + instance;
  }
}

import { types } from 'node:util';
import { bigintBytes, builtInBytes } from './estimate/built-in-bytes.js';
import { EMPTY_OBJECT, FUNCTION, HEAP_NUMBER, OBJECT, SLOT, SYMBOL } from './estimate/heap-sizes.js';
import { intrinsics } from './estimate/intrinsics.js';
import { listBytes } from './estimate/list-bytes.js';
import { isSmallInteger } from './estimate/number-kind.js';
import { recordBytes } from './estimate/record-bytes.js';
import type { Sizer } from './estimate/sizer.js';
import { textBytes, textLooks } from './estimate/text-bytes.js';
import { viewBytes } from './estimate/view-bytes.js';

/** How many objects and fields one estimate looks at in all. */
const LOOKS = 512;
/** How many of them a list spends on its elements: the lists within share what each element gets. */
const LOOKS_OF_A_LIST = 48;
/** So many objects are found again faster in a list than in a `Set`. */
const LISTED = 24;
/** So many different short texts are remembered. */
const TEXTS = 4;

/**
 * Estimates the memory that a value holds, in bytes, in a microsecond or two: within a quarter of the truth for the values
 * that services keep. Typed arrays and buffers count to the byte beside their overhead, strings by length and width, lists,
 * collections and wide objects by a sample. Cycles and shared parts count once. It never throws, and runs no getter, trap or
 * method of the host (an accessor at the index of an array, or behind a hole in one, excepted): a proxy counts as one object.
 *
 * What can't be seen from JavaScript is taken for the usual case:
 * - A list of fractions is a packed one, as `JSON.parse` and `map` make it (8 bytes each; after `structuredClone` or a
 *   spread of a typed array it is 24). A list with hardly an element keeps all its places (up to 32 million) if the last is
 *   empty, as after `new Array(n)`, and a table of the elements otherwise.
 * - An object is a literal, a parsed one or built field by field: within a quarter for all three. From 20 fields on, one
 *   built by computed names (`row[name] = value`) can be a table and take five times the estimate, as after a `delete`.
 * - Not counted: room that deleted entries left in a collection (half of it after 900 of 1,000), private fields, what
 *   closures, promises and native objects (`URL`, `Headers`, `Blob`) hold, a stack, the text that a substring was cut from.
 * - A few large parts among many small ones escape the sample, or count for too many. Of a collection it sees the first 128.
 * - Before Node.js 22.15 a text of more than 1,048,576 characters counts one byte each, be they wide or not: half of those.
 *
 * An object of thousands of fields takes as long as V8 to list them.
 */
export function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  try {
    return Math.min(new Walk().bytesOf(value, LOOKS_OF_A_LIST), Number.MAX_SAFE_INTEGER);
  } catch {
    // A stack that was nearly used up, or a module whose exports are not there yet.
    return EMPTY_OBJECT;
  }
}

class Walk implements Sizer {
  left = LOOKS;
  readonly #listed: object[] = [];
  #more: Set<object> | undefined;
  #texts: string[] | undefined;
  #known = 0;

  bytesOf(value: unknown, looks: number): number {
    switch (typeof value) {
      case 'string':
        this.left -= textLooks(value);
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

  isKnownText(text: string): boolean {
    this.#texts ??= [];
    if (this.#texts.includes(text)) return true;
    this.#texts[this.#known++ % TEXTS] = text;
    return false;
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
    // Each of its characters is a field of it.
    if (types.isStringObject(value)) return OBJECT + SLOT + this.bytesOf(intrinsics().stringValue.call(value), looks);
    const builtIn = builtInBytes(value, this, looks);
    const instance = recordBytes(value, 'instance', this, looks);
    return builtIn === undefined ? instance : builtIn - OBJECT + instance;
  }
}

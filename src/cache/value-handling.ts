import { createHash } from 'node:crypto';

/** What a memory hit returns: the stored value itself, the stored value deep-frozen, or a copy of its own for each caller. */
export type ValueHandling = 'shared' | 'frozen' | 'copied';

/** A value made ready for storing. */
export type Prepared<V> =
  // `plain`: hits may hand it out as it is.
  { readonly ok: true; readonly value: V; readonly plain: boolean } | { readonly ok: false };

/**
 * Prepares a value for storing. `frozen` freezes it in place, once; what can't be frozen (dates, maps, sets, typed arrays)
 * is copied for each reader instead. `copied` stores a structured clone; a value that can't be cloned is not stored.
 */
export function prepare<V>(value: V, handling: ValueHandling): Prepared<V> {
  if (handling === 'shared' || !isMutable(value)) return { ok: true, value, plain: true };
  try {
    if (handling === 'frozen' && deepFreeze(value, new Set())) return { ok: true, value, plain: true };
    return { ok: true, value: structuredClone(value), plain: false };
  } catch {
    return { ok: false };
  }
}

/** The copy a reader gets of a value that is not plain. */
export function copyOf<V>(value: V): V {
  return isMutable(value) ? structuredClone(value) : value;
}

function isMutable(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Freezes all data it can reach. Returns whether that makes the value immutable. */
function deepFreeze(value: object, seen: Set<object>): boolean {
  // Code, not data: a class would be frozen for the whole host.
  if (typeof value === 'function') return true;
  if (seen.has(value)) return true;
  seen.add(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return false;
  if (value instanceof Date || value instanceof Map || value instanceof Set) return false;
  Object.freeze(value);
  let whole = true;
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor && 'value' in descriptor && isMutable(descriptor.value)) {
      whole = deepFreeze(descriptor.value, seen) && whole;
    }
  }
  return whole;
}

/** How many parts of a value a fingerprint looks at. */
const FINGERPRINT_PARTS = 400;

/**
 * A number that changes when a value is changed in place, from the first few hundred parts of it. Never 0 for an object, 0 for what
 * can't be mutated.
 */
export function fingerprint(value: unknown): number {
  if (!isMutable(value)) return 0;
  const hash = createHash('sha1');
  let left = FINGERPRINT_PARTS;
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (left-- <= 0) return;
    if (typeof part !== 'object' || part === null) {
      hash.update(`${typeof part}:${String(part)};`);
      return;
    }
    if (seen.has(part)) return;
    seen.add(part);
    if (ArrayBuffer.isView(part)) {
      hash.update(new Uint8Array(part.buffer, part.byteOffset, Math.min(part.byteLength, 4096)));
    } else if (part instanceof Date) hash.update(`date:${part.getTime()};`);
    else if (part instanceof Map || part instanceof Set) {
      hash.update(`size:${part.size};`);
      part.forEach((item, key) => {
        visit(key);
        visit(item);
      });
    } else {
      for (const key of Object.keys(part)) {
        if (left <= 0) break;
        hash.update(`${key}=`);
        visit((part as Record<string, unknown>)[key]);
      }
      hash.update('.');
    }
  };
  visit(value);
  return hash.digest().readUInt32LE(0) || 1;
}

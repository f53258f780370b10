import type { Source } from './source.js';

/** How many items a source holds, where it can tell without being read: arrays, typed arrays, sets and maps. */
export function totalOf(source: Source<unknown>): number | undefined {
  if (Array.isArray(source)) return source.length;
  if (source instanceof Set || source instanceof Map) return source.size;
  if (ArrayBuffer.isView(source) && 'length' in source) return Number(source.length);
  return undefined;
}

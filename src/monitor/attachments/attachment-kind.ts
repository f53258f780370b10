import type { AttachmentKind } from './attachment-reading.js';

/** What {@link kindOf} recognises, for error messages. */
export const ATTACHABLE =
  'a cache, an LLM cache, a processor, a memory manager or an optimizer: an object with stats() that counts hits and misses, or says what is active and queued; with checkMemoryUsage(); with optimize() or optimizePrompt()';

/**
 * What an object is, told by its methods; `undefined` when nothing is known of it. The special ones are asked for first: an LLM
 * cache is a cache by its figures. Only where methods do not tell, `stats()` is called once and its figures do.
 */
export function kindOf(value: unknown): AttachmentKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    if (has(value, 'checkMemoryUsage')) return 'memory';
    if (has(value, 'optimize') || has(value, 'optimizePrompt')) return 'optimizer';
    if (!has(value, 'stats')) return undefined;
    if (has(value, 'getOrGenerate')) return 'llm';
    if (has(value, 'getOrSet')) return 'cache';
    if (has(value, 'process') && has(value, 'drain')) return 'processor';
    return kindOfFigures((value as { stats(): unknown }).stats());
  } catch {
    // A getter, proxy or stats() that throws: nothing is known of it.
    return undefined;
  }
}

function has(value: object, method: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>>)[method] === 'function';
}

function kindOfFigures(stats: unknown): AttachmentKind | undefined {
  if (typeof stats !== 'object' || stats === null) return undefined;
  const { hits, misses, active, queued } = stats as Readonly<Record<string, unknown>>;
  if (typeof hits === 'number' && typeof misses === 'number') return 'cache';
  if (typeof active === 'number' && typeof queued === 'number') return 'processor';
  return undefined;
}

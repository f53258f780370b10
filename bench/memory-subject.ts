import { existsSync } from 'node:fs';
import type * as Memory from '../src/memory/index.js';

const BUILT = new URL('../dist/memory/index.js', import.meta.url);

/** The built module, as its users run it. */
export async function loadMemory(): Promise<typeof Memory> {
  if (!existsSync(BUILT)) throw new Error('dist is missing. Run: npm run build');
  return (await import(BUILT.href)) as typeof Memory;
}

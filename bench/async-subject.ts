import { existsSync } from 'node:fs';
import type * as Async from '../src/async/index.js';

const BUILT = new URL('../dist/async/index.js', import.meta.url);

/** The built module, as its users run it. `from`: where the caller was bundled, and cannot find it from where it lies. */
export async function loadAsync(from: URL = BUILT): Promise<typeof Async> {
  if (!existsSync(from)) throw new Error('dist is missing. Run: npm run build');
  return (await import(from.href)) as typeof Async;
}

import { existsSync } from 'node:fs';
import type * as Monitor from '../src/monitor/index.js';

const BUILT = new URL('../dist/monitor/index.js', import.meta.url);

/** The built monitor, as its users run it. */
export async function loadMonitor(): Promise<typeof Monitor> {
  if (!existsSync(BUILT)) throw new Error('dist is missing. Run: npm run build');
  return (await import(BUILT.href)) as typeof Monitor;
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CollectPolicy } from './memory-options.js';

/** Collects the whole heap once. */
export interface Collector {
  /** In a task of its own, with no stack to be looked through for what might be alive. */
  collect(): Promise<void>;
  /** Before it returns: for those who cannot wait. */
  collectNow(): void;
}

type ExposedGc = (options?: { readonly type: 'major'; readonly execution: 'async' }) => unknown;

/**
 * The garbage collector, as far as the policy allows: where the process was started with `--expose-gc`, or, with `'high'`, made available to
 * us alone, at the first use. `undefined` where there is none.
 */
export function collectorOf(policy: CollectPolicy): Collector | undefined {
  if (policy === 'off') return undefined;
  const exposed = (globalThis as { readonly gc?: unknown }).gc;
  const gc = typeof exposed === 'function' ? (exposed as ExposedGc) : policy === 'high' ? exposeToUs() : undefined;
  if (gc === undefined) return undefined;
  return {
    collect: async () => {
      await gc({ type: 'major', execution: 'async' });
    },
    collectNow: () => {
      gc();
    },
  };
}

/** In a context of its own, so that the host's globals stay as they are. */
function exposeToUs(): ExposedGc | undefined {
  try {
    setFlagsFromString('--expose-gc');
    const gc: unknown = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    return typeof gc === 'function' ? (gc as ExposedGc) : undefined;
  } catch {
    // A Node that takes no flags any more: its host has asked for more than there is, and is told so in `stats()`.
    return undefined;
  }
}

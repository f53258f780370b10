import { type CallTroubles, tellTrouble } from './call-troubles.js';

/** What garbage is collected with around a call. */
export interface CallCollector extends CallTroubles {
  collectNow(): boolean;
}

/** Collects all garbage before it returns. Whether it could. Never throws. */
export function collectAll(collector: CallCollector): boolean {
  try {
    // V8 gives back the memory of dead buffers one collection after it has found them.
    return collector.collectNow() && collector.collectNow();
  } catch (error) {
    tellTrouble(collector, error, 'a garbage collection around a call');
    return false;
  }
}

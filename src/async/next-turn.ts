// Imported, so that a host's fake timers do not stop it.
import { setImmediate } from 'node:timers';

/** Items that a loop without waits may do at a time: a fraction of a millisecond to a few, then others get their turn. */
export const ITEMS_PER_TURN = 4_096;

/** Lets everything else in the event loop run once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import { ABANDONED, type Timer } from './timer.js';

/**
 * Ends requests whose answer nobody has read or awaited: it was collected, so nobody can any more. Without this they would be in
 * flight for ever. They are counted in a series of their own, `<name>_abandoned`: that it happened is a finding, but the time is
 * that of the garbage collector.
 *
 * Held is the timer alone, never the answer nor arguments of the call (which may be the answer), and no longer than the answer lives.
 */
let registry: FinalizationRegistry<Timer> | undefined;

/** @param token - for {@link forget}; the calls of one answer share it */
export function endWhenCollected(answer: object, timer: Timer, token: object): void {
  registry ??= new FinalizationRegistry(endAbandoned);
  registry.register(answer, timer, token);
}

export function forget(token: object): void {
  registry?.unregister(token);
}

/** Without the labels of a callback, which is given the arguments. */
function endAbandoned(timer: Timer): void {
  try {
    timer.end({ labels: { ended: ABANDONED } });
  } catch {
    // There is no call left that this could be the trouble of.
  }
}

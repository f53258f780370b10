/**
 * Ends calls whose answer nobody has read or awaited: it was collected, so nobody can any more. Without this they would be under way for
 * ever.
 *
 * Held is what ends them, never the answer nor arguments of the call (which may be the answer), and no longer than the answer lives.
 */
let registry: FinalizationRegistry<() => void> | undefined;

/** @param token - for {@link forget}; the calls of one answer share it */
export function endWhenCollected(answer: object, abandonment: () => void, token: object): void {
  registry ??= new FinalizationRegistry(endAbandoned);
  registry.register(answer, abandonment, token);
}

export function forget(token: object): void {
  registry?.unregister(token);
}

function endAbandoned(abandonment: () => void): void {
  try {
    abandonment();
  } catch {
    // There is no call left that this could be the trouble of.
  }
}

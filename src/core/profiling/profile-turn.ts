let isTaken = false;

/**
 * The one turn of the thread to profile, whichever monitor asks: profilers side by side would find each other. Worker threads have
 * one of their own.
 *
 * @returns gives the turn back; `undefined` while somebody has it
 */
export function takeProfileTurn(): (() => void) | undefined {
  if (isTaken) return undefined;
  isTaken = true;
  let isOurs = true;
  return () => {
    if (isOurs) isTaken = false;
    isOurs = false;
  };
}

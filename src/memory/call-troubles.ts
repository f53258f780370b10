/** Who is told that measuring a call went wrong. */
export interface CallTroubles {
  onTrouble(error: unknown, during: string): void;
}

/** Never throws: whoever is told may be the host's. */
export function tellTrouble(troubles: CallTroubles, error: unknown, during: string): void {
  try {
    troubles.onTrouble(error, during);
  } catch {
    // There is nobody left to tell.
  }
}

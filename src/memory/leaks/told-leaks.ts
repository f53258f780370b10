import type { LeakKind } from './leak-report.js';

/** When each kind of memory was told of last, by whichever watch of a manager: all of them look at the same. */
export class ToldLeaks {
  readonly #toldAt = new Map<LeakKind, number>();

  /** Whether it was told of less than `cooldownMs` ago. */
  isRecent(what: LeakKind, now: number, cooldownMs: number): boolean {
    const at = this.#toldAt.get(what);
    // A host's clock may be set back: then nobody knows how long ago it was.
    return at !== undefined && now >= at && now - at < cooldownMs;
  }

  note(what: LeakKind, now: number): void {
    this.#toldAt.set(what, now);
  }
}

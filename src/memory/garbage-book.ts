/** What was freed counts as collected after this long where nobody sees collections. */
const UNSEEN_COLLECTION_MS = 30_000;

/** Knows of the heap what its figures do not say: what is garbage by now, and what was alive when it was collected last. */
export class GarbageBook {
  #pendingBytes = 0;
  #pendingSince = Number.NEGATIVE_INFINITY;
  #liveBytes: number | undefined;
  #lastMajorAt = Number.NEGATIVE_INFINITY;

  /** Bytes that are garbage from now on. */
  freed(bytes: number, now: number): void {
    if (!(bytes > 0)) return;
    this.#pendingBytes += bytes;
    this.#pendingSince = now;
  }

  /** After a major collection: what was freed is gone, and what is left is alive. */
  collected(liveBytes: number, now: number): void {
    this.#pendingBytes = 0;
    this.#lastMajorAt = now;
    this.#liveBytes = liveBytes;
  }

  /** Collections are not seen any more: what was alive says nothing from now on. */
  lostSight(): void {
    this.#liveBytes = undefined;
  }

  /** Freed since the last major collection, and still counted as in use. */
  pendingBytes(now: number, seesCollections: boolean): number {
    if (!seesCollections && Math.abs(now - this.#pendingSince) >= UNSEEN_COLLECTION_MS) this.#pendingBytes = 0;
    return this.#pendingBytes;
  }

  /** Alive in the heap after the last major collection; `undefined` while none was seen. */
  get liveBytes(): number | undefined {
    return this.#liveBytes;
  }

  /** When that was; -Infinity while none was seen. */
  get lastMajorAt(): number {
    return this.#lastMajorAt;
  }
}

/** Everything about an entry of the shared tier but its value. */
export interface EntryFacts {
  /** When it was written, by the writer's clock: milliseconds since the epoch. */
  readonly storedAt: number;
  /** Fresh window in milliseconds. May be Infinity. */
  readonly ttlMs: number;
  /** Stale window after it, in milliseconds. May be Infinity. */
  readonly staleMs: number;
  /** The namespace's sequence when loading began. */
  readonly since: number;
  /** Which life of the namespace's versions `since` belongs to. */
  readonly birth: number;
  readonly tags: readonly string[];
  /** What its loader took, in milliseconds. */
  readonly loaderMs: number;
  /** What loading it again would cost, where the host said so. */
  readonly cost: number | undefined;
}

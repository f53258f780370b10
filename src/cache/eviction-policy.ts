/**
 * What an eviction policy sees of a cache entry. `key`, `bytes` and `cost` belong to the cache and stay as they are while
 * the node is in the policy (a changed entry is a new node, handed to `set`); the other fields belong to the policy alone.
 */
export interface PolicyNode {
  readonly key: string;
  /** Estimated heap bytes of key, value and book-keeping. At least 1. */
  readonly bytes: number;
  /** What loading it again would cost: measured loader time in whole microseconds, or the `cost` the host gave, times 1,000. 0 = unknown. */
  readonly cost: number;
  prev: PolicyNode | undefined;
  next: PolicyNode | undefined;
  /** Which of the policy's lists holds the node, how often it was seen: small integers. */
  queue: number;
  freq: number;
  /** A float for policies that order by priority. */
  rank: number;
}

/** Bounds and the hook of a policy. */
export interface PolicyLimits<N extends PolicyNode> {
  /** Most entries held at any time. Integer >= 1. */
  readonly maxEntries: number;
  /** Most estimated bytes held at any time; Infinity = no bound. */
  readonly maxBytes: number;
  /** Called for each node that is pushed out by a bound or by `evict` (never for `delete`, `clear` or a replaced node). */
  readonly onEvict: (node: N) => void;
}

/**
 * Which entries stay when memory is short. A policy owns the one map from key to entry of the memory tier and holds
 * both bounds after every `set`.
 */
export interface EvictionPolicy<N extends PolicyNode> {
  /** The node, counted as an access. Hot path: allocates nothing. */
  get(key: string): N | undefined;
  /** The node, without touching the books. */
  peek(key: string): N | undefined;
  /** Adds the node or replaces the one under its key (history of the key is kept). May refuse it (too large, not worth it): then `onEvict(node)` is called for it. */
  set(node: N): void;
  /** Takes the node out; it does not count as evicted. */
  delete(key: string): N | undefined;
  clear(): void;
  /** Pushes out the node worth least (through `onEvict`) and returns it. */
  evict(): N | undefined;
  nodes(): IterableIterator<N>;
  readonly size: number;
  readonly bytes: number;
}

/** Makes a policy: `memory: { policy }` takes one in place of a name. */
export type PolicyFactory = <N extends PolicyNode>(limits: PolicyLimits<N>) => EvictionPolicy<N>;

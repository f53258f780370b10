/** Figures of a cache. Only hits and misses are needed, so that any cache that counts them can be attached. */
export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly memoryHits?: number;
  readonly remoteHits?: number;
  readonly missReasons?: Readonly<Record<string, number | undefined>>;
  /** The shared tier; `undefined` without one. */
  readonly remote?: { readonly state: string; readonly bus?: string } | undefined;
}

/** A cache: CacheManager, or anything with `stats()` that counts hits and misses. */
export interface CacheLike {
  /** Names it on its diagnostics channels. */
  readonly namespace?: string;
  /** Tells a cache where its figures do not. */
  getOrSet?(...args: never): unknown;
  stats(): CacheFigures;
}

/** Figures of a cache of model responses. */
export interface LLMCacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly exactHits?: number;
  readonly semanticHits?: number;
  readonly missReasons?: Readonly<Record<string, number | undefined>>;
}

/** A cache of model responses: LLMResponseCache. */
export interface LLMCacheLike {
  getOrGenerate(...args: never): unknown;
  stats(): LLMCacheFigures;
}

/** Figures of a processor of asynchronous work. */
export interface ProcessorFigures {
  readonly active: number;
  readonly queued: number;
  readonly limit?: number;
  readonly completed?: number;
  readonly failed?: number;
  readonly retried?: number;
  readonly timedOut?: number;
  /** Calls that had to leave the queue, or were not let in. */
  readonly dropped?: number;
  /** Functions that did not stop when told. */
  readonly abandoned?: number;
  /** Time that calls have waited for a rate limit, in all. */
  readonly rateLimitedMs?: number;
  /** What a pause that the service asked for has still to run. */
  readonly coolDownMs?: number;
  /** State of a breaker, where there is one. */
  readonly breaker?: string | undefined;
  readonly p95Ms?: number | undefined;
}

/** What runs asynchronous work with bounds: AsyncProcessor, or anything with `stats()` that says what is active and queued. */
export interface ProcessorLike {
  /** Names it on its diagnostics channels. */
  readonly name?: string;
  /** Both together tell a processor where its figures do not. */
  process?(...args: never): unknown;
  drain?(...args: never): unknown;
  stats(): ProcessorFigures;
}

/** Use of memory. `fraction` is of the limit, 0 to 1. */
export interface MemoryFigures {
  readonly fraction: number;
  readonly level: string;
  readonly rssMb?: number;
  readonly heapUsedMb?: number;
  readonly heapLimitMb?: number;
  readonly externalMb?: number;
  readonly limitMb?: number;
  readonly availableMb?: number;
  /** Which limit is nearest: `heap`, `rss` or `external`. */
  readonly signal?: string;
  readonly limitSource?: string;
}

/** What was done about memory, in running totals. */
export interface MemoryTotals {
  readonly trims?: number;
  readonly freedBytes?: number;
  /** Collections on purpose, and how long they took. */
  readonly forcedCollections?: number;
  readonly forcedCollectionMs?: number;
  readonly majorCollections?: number;
  readonly majorCollectionMs?: number;
  /** Alive in the heap after the last major collection. */
  readonly liveBytes?: number | undefined;
  readonly admitted?: number;
  /** Work that was not let in. */
  readonly refused?: number;
  readonly leaks?: number;
  readonly levelChanges?: number;
  readonly looks?: number;
}

/** What watches memory: MemoryManager. */
export interface MemoryLike {
  /** Names it on its diagnostics channels. */
  readonly name?: string;
  checkMemoryUsage(): MemoryFigures;
  stats?(): MemoryTotals;
}

/** What rewrites queries or prompts: SQLOptimizer, LLMQueryOptimizer. Its figures, where it has any, are shown as they are. */
export type OptimizerLike = { stats?(): object } & (
  | { optimize(...args: never): unknown }
  | { optimizePrompt(...args: never): unknown }
);

/** What can be attached to a monitor: recognised by shape, never by class. */
export type Attachable = CacheLike | LLMCacheLike | ProcessorLike | MemoryLike | OptimizerLike;

import type {
  CacheFigures,
  CacheLike,
  LLMCacheLike,
  MemoryLike,
  OptimizerLike,
  ProcessorLike,
} from '../../src/monitor/attachments/attached-shapes.js';

/** Doubles of what other modules will be, in the shapes of their public surface. */

export function cacheDouble(figures: CacheFigures): CacheLike & { figures: CacheFigures } {
  return {
    figures,
    stats() {
      return this.figures;
    },
  };
}

export function llmDouble(): LLMCacheLike & object {
  return {
    getOrGenerate: () => undefined,
    stats: () => ({ hits: 6, misses: 4, exactHits: 5, semanticHits: 1, savedTokens: 900, missReasons: { guard: 3 } }),
  };
}

export function processorDouble(): ProcessorLike & object {
  const stats = {
    ...{ active: 2, queued: 5, limit: 8, completed: 100, failed: 3, retried: 4, rateLimitedMs: 1_200, p95Ms: 40 },
  };
  return { process: () => undefined, drain: () => undefined, stats: () => stats } as ProcessorLike;
}

export function memoryDouble(): MemoryLike & object {
  const usage = {
    ...{ rssMb: 300, heapUsedMb: 120, heapLimitMb: 2_000, externalMb: 10, limitMb: 1_000, availableMb: 700 },
    ...{ fraction: 0.3, level: 'normal', limitSource: 'cgroup-v2' },
  };
  return { checkMemoryUsage: () => usage };
}

export function optimizerDouble(stats?: object): OptimizerLike & object {
  return { optimize: () => undefined, ...(stats && { stats: () => stats }) };
}

import { InvalidOptionError } from '../../core/errors.js';

/** What a pool is at in one moment. */
export interface PoolLevel {
  /** Connections that somebody has taken, or that are being opened for somebody. */
  readonly inUse: number;
  readonly idle: number;
  /** Calls that wait for one. */
  readonly waiting: number;
  /** Infinity where the pool has no bound. */
  readonly max: number;
}

/** Reads a pool. Nothing of it is changed. */
export interface PoolGauge {
  level(): PoolLevel;
  /** Whether a call that has to wait is counted when it queues, or when it gets its connection. */
  readonly countsQueued: boolean;
  /** `listener` is told of each call once. Answers with how to stop. */
  watch(listener: () => void): () => void;
}

interface Emitting {
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

/** pg, and what is made like it (pg-pool). */
interface PgPool extends Emitting {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max?: number };
}

interface Counted {
  readonly length: number;
}

/** mysql2. Its figures have no public names. */
interface Mysql2Pool extends Emitting {
  readonly _allConnections: Counted;
  readonly _freeConnections: Counted;
  readonly _connectionQueue: Counted;
  readonly config: { readonly connectionLimit: number };
}

/** @throws InvalidOptionError unless it has the shape of a pool of pg or mysql2 */
export function poolGauge(pool: unknown): PoolGauge {
  if (isPg(pool)) return pgGauge(pool);
  if (isMysql2(pool)) return mysql2Gauge(pool);
  // The pool of mysql2/promise holds the other one.
  const inner = (pool as { pool?: unknown } | null | undefined)?.pool;
  if (isMysql2(inner)) return mysql2Gauge(inner);
  throw new InvalidOptionError('pool', 'a Pool of pg, or a pool of mysql2 or mysql2/promise', pool);
}

function pgGauge(pool: PgPool): PoolGauge {
  return {
    level: () => ({
      inUse: Math.max(0, pool.totalCount - pool.idleCount),
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      max: pool.options.max ?? Number.POSITIVE_INFINITY,
    }),
    countsQueued: false,
    watch: (listener) => listen(pool, ['acquire'], listener),
  };
}

function mysql2Gauge(pool: Mysql2Pool): PoolGauge {
  return {
    level: () => {
      const idle = pool._freeConnections.length;
      const { connectionLimit } = pool.config;
      return {
        inUse: Math.max(0, pool._allConnections.length - idle),
        idle,
        waiting: pool._connectionQueue.length,
        max: connectionLimit > 0 ? connectionLimit : Number.POSITIVE_INFINITY,
      };
    },
    countsQueued: true,
    // A connection that is handed from one call to the next makes no event 'acquire': who queued is counted as he did so.
    watch: (listener) => listen(pool, ['acquire', 'enqueue'], listener),
  };
}

function listen(pool: Emitting, events: readonly string[], listener: () => void): () => void {
  for (const event of events) pool.on(event, listener);
  return () => {
    for (const event of events) pool.removeListener(event, listener);
  };
}

function isPg(pool: unknown): pool is PgPool {
  return isEmitting(pool) && ['totalCount', 'idleCount', 'waitingCount'].every((name) => isCount(pool, name));
}

function isMysql2(pool: unknown): pool is Mysql2Pool {
  if (!isEmitting(pool)) return false;
  const { _allConnections, _freeConnections, _connectionQueue, config } = pool as Partial<Mysql2Pool>;
  return (
    [_allConnections, _freeConnections, _connectionQueue].every((list) => isCount(list, 'length')) &&
    isCount(config, 'connectionLimit')
  );
}

function isEmitting(pool: unknown): pool is Emitting {
  if (typeof pool !== 'object' || pool === null) return false;
  const { on, removeListener } = pool as Partial<Emitting>;
  return typeof on === 'function' && typeof removeListener === 'function';
}

function isCount(object: unknown, name: string): boolean {
  return typeof (object as Record<string, unknown> | null | undefined)?.[name] === 'number';
}

import mysql from 'mysql2';
import mysqlPromise from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObservedPool, observePool } from '../../../src/async/connections/observe-pool.js';
import { ManualClock } from '../../manual-clock.js';
import { type MysqlServer, startMysqlServer } from '../../services/mysql-server.js';
import { type PgliteServer, startPgliteServer } from '../../services/pglite-server.js';
import { until } from './model-fetch-setup.js';

/** One way to make a pool of two connections. */
interface Subject {
  readonly pool: object & { listenerCount(event: string): number };
  /** Answers with how to give the connection back. */
  take(): Promise<() => void>;
  query(): Promise<unknown>;
  end(): Promise<unknown>;
}

let postgres: PgliteServer;
let mysqlServer: MysqlServer;
beforeAll(async () => {
  [postgres, mysqlServer] = await Promise.all([startPgliteServer(), startMysqlServer()]);
}, 30_000);
afterAll(async () => {
  await Promise.all([postgres.close(), mysqlServer.close()]);
});

const subjects: Record<string, () => Subject> = {
  pg: () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: postgres.port, user: 'postgres', max: 2 });
    return {
      pool,
      take: async () => {
        const client = await pool.connect();
        return () => client.release();
      },
      query: async () => (await pool.query('SELECT 1 AS answer')).rows,
      end: () => pool.end(),
    };
  },
  mysql2: () => {
    const pool = mysql.createPool({ host: '127.0.0.1', port: mysqlServer.port, user: 'u', connectionLimit: 2 });
    return {
      pool,
      take: () =>
        new Promise((resolve, reject) => {
          pool.getConnection((error, connection) => (error ? reject(error) : resolve(() => connection.release())));
        }),
      query: async () => (await pool.promise().query('SELECT 1 AS answer'))[0],
      end: () => pool.promise().end(),
    };
  },
  'mysql2/promise': () => {
    const pool = mysqlPromise.createPool({ host: '127.0.0.1', port: mysqlServer.port, user: 'u', connectionLimit: 2 });
    return {
      pool,
      take: async () => {
        const connection = await pool.getConnection();
        return () => connection.release();
      },
      query: async () => (await pool.query('SELECT 1 AS answer'))[0],
      end: () => pool.end(),
    };
  },
};

describe.each(Object.entries(subjects))('observePool of %s', (_, make) => {
  it('tells what is in use, who waits, and how long by Little’s law', async () => {
    const clock = new ManualClock();
    const subject = make();
    const watch = observePool(subject.pool, { clock });
    expect(watch.stats()).toMatchObject({ inUse: 0, idle: 0, waiting: 0, max: 2, waitMs: undefined, utilisation: 0 });

    const releases = [await subject.take(), await subject.take()];
    const third = subject.take();
    expect(watch.stats()).toMatchObject({ inUse: 2, idle: 0, waiting: 1 });
    clock.advance(1_000);
    // Three calls in a second, of which two have a connection.
    expect(watch.stats()).toMatchObject({ acquiredPerSecond: 2, holdMs: 1_000, waitMs: 1_000 / 3 });
    releases[0]!();
    const releaseThird = await third;
    expect(watch.stats()).toMatchObject({ inUse: 2, idle: 0, waiting: 0 });
    clock.advance(1_000);
    releases[1]!();
    releaseThird();
    await until(() => watch.stats().idle === 2);

    // Three calls in 2 s: two waited for nothing, one for a second; both connections were in use all the time.
    const stats = watch.stats();
    expect(stats).toMatchObject({ inUse: 0, idle: 2, waiting: 0, mostWaiting: 1 });
    expect(stats.waitMs).toBeCloseTo(1_000 / 3);
    expect(stats.holdMs).toBeCloseTo(4_000 / 3);
    expect(stats.acquiredPerSecond).toBe(1.5);
    expect(stats.utilisation).toBe(1);

    await watch.close();
    await subject.end();
  });

  it('advises more connections where calls wait for each other', async () => {
    const clock = new ManualClock();
    const subject = make();
    const watch = observePool(subject.pool, { clock, interval: 10 });
    await usedBy(4, subject, clock);
    const advice = watch.advice();
    expect(advice.verdict).toBe('more');
    expect(advice.size).toBeGreaterThan(2);
    expect(advice.why).toMatch(/2 were in use on average/);
    await watch.close();
    await subject.end();
  });

  it('changes nothing of the pool, and nothing stays behind', async () => {
    const subject = make();
    const clock = new ManualClock();
    const before = ['acquire', 'enqueue', 'release'].map((event) => subject.pool.listenerCount(event));
    const watch: ObservedPool = observePool(subject.pool, { clock });
    expect(await subject.query()).toEqual([{ answer: 1 }]);
    await watch.close();
    await watch.close();
    expect(clock.pendingTimers).toBe(0);
    expect(['acquire', 'enqueue', 'release'].map((event) => subject.pool.listenerCount(event))).toEqual(before);
    expect(await subject.query()).toEqual([{ answer: 1 }]);
    await subject.end();
  });
});

/** So many callers hold a connection for 100 ms and want the next one at once, 40 times each. */
async function usedBy(callers: number, subject: Subject, clock: ManualClock): Promise<void> {
  let running = callers;
  const done = Array.from({ length: callers }, async () => {
    for (let i = 0; i < 40; i++) {
      const release = await subject.take();
      await new Promise<void>((resolve) => clock.setTimer(resolve, 100));
      release();
    }
    running--;
  });
  while (running > 0) {
    await clock.advanceAsync(10);
    // Whoever is handed a connection gets it in another turn, and the first ones are opened over a real socket.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(done);
}

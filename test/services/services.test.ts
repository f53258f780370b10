import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcessPostgres, startPglite } from './pglite.js';
import { findRedis, type RedisServer } from './redis.js';
import { describeWith } from './service.js';

/** Sends one inline command over a bare socket and answers with the first line of the reply, or of a bulk reply's value. */
function command(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    socket.setTimeout(2_000, () => socket.destroy(new Error('no reply')));
    let reply = '';
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${text}\r\n`));
    socket.on('data', (chunk) => {
      reply += chunk.toString();
      const lines = reply.split('\r\n');
      if (lines.length < (reply.startsWith('$') && !reply.startsWith('$-1') ? 3 : 2)) return;
      socket.destroy();
      resolve((reply.startsWith('$') ? lines[1] : lines[0]) ?? '');
    });
  });
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describeWith('a private Redis', await findRedis({ private: true }), (start) => {
  let first: RedisServer;
  let second: RedisServer;
  beforeAll(async () => {
    [first, second] = await Promise.all([start(), start()]);
  }, 30_000);
  afterAll(async () => {
    await Promise.all([first.close(), second.close()]);
  });

  it('answers', async () => {
    expect(await command(first.port, 'PING')).toBe('+PONG');
    expect(await command(first.port, 'SET greeting hello')).toBe('+OK');
    expect(await command(first.port, 'GET greeting')).toBe('hello');
  });

  it('shares nothing with a second one beside it', async () => {
    expect(second.port).not.toBe(first.port);
    expect(second.pid).not.toBe(first.pid);
    expect(second.folder).not.toBe(first.folder);
    expect(await command(second.port, 'GET greeting')).not.toBe('hello');
  });

  it('listens on the loopback interface only', async () => {
    const outward = Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).filter((a) => !a.internal && a.family === 'IPv4').map((a) => a.address),
    );
    for (const host of outward) await expect(command(first.port, 'PING', host)).rejects.toThrow();
    // Where there is no other interface, the server's own word counts.
    const socket = connect({ port: first.port, host: '127.0.0.1' });
    const reply = await new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString()));
      socket.write('CONFIG GET bind\r\n');
    });
    socket.destroy();
    expect(reply).toContain('127.0.0.1');
    expect(reply).not.toContain('0.0.0.0');
  });

  it('is gone after close, with its folder, and close may be called again', async () => {
    const server = await start();
    expect(existsSync(server.folder ?? '')).toBe(true);
    await server.close();
    await server.close();
    expect(isAlive(server.pid ?? 0)).toBe(false);
    expect(existsSync(server.folder ?? '')).toBe(false);
    await expect(command(server.port, 'PING')).rejects.toThrow();
    expect(isAlive(first.pid ?? 0)).toBe(true);
  });
});

describe('the in-process PostgreSQL', () => {
  let postgres: InProcessPostgres;
  beforeAll(async () => {
    postgres = await startPglite();
  }, 30_000);
  afterAll(() => postgres.close());

  it('answers queries with parameters', async () => {
    await postgres.exec(
      'CREATE TABLE sales (id int PRIMARY KEY, amount numeric); INSERT INTO sales VALUES (1, 2.5), (2, 4)',
    );
    const rows = await postgres.query<{ total: string }>(
      'SELECT sum(amount)::text AS total FROM sales WHERE id > $1',
      [0],
    );
    expect(rows).toEqual([{ total: '6.5' }]);
  });

  it('is PostgreSQL 15 or later', async () => {
    const [row] = await postgres.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    expect(row?.version).toBeGreaterThanOrEqual(150_000);
  });
});

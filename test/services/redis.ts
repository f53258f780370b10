import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canInstallPackages, installPackage } from './debian-package.js';
import { freePort } from './free-port.js';
import { type RedisProcess, startRedisProcess } from './redis-process.js';
import type { Found } from './service.js';

/** A Redis to test against. Its own folder and process, unless it came from `REDIS_URL`: then it is shared and left alone. */
export interface RedisServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Absent for a server of `REDIS_URL`. */
  readonly pid?: number;
  readonly folder?: string;
  close(): Promise<void>;
}

const MISSING =
  'no Redis: set REDIS_URL, or put redis-server on the PATH (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis)';
const STARTS = 5;

/**
 * Looks for Redis: `REDIS_URL`, else `redis-server` on the PATH, else, as root on Debian, the distribution's package.
 *
 * @param options.private - a process of the test's own, to be stopped and restarted at will: `REDIS_URL` does not count
 */
export async function findRedis(options: { private?: boolean } = {}): Promise<Found<RedisServer>> {
  const url = process.env['REDIS_URL'];
  if (url && !options.private) return { from: 'REDIS_URL', start: async () => existing(url) };
  if (await hasRedisServer()) return { from: 'redis-server', start: startRedis };
  if (canInstallPackages() && (await installPackage('redis-server', 'redis-server')) && (await hasRedisServer())) {
    return { from: 'redis-server', start: startRedis };
  }
  return { missing: MISSING };
}

async function hasRedisServer(): Promise<boolean> {
  return promisify(execFile)('redis-server', ['--version']).then(
    () => true,
    () => false,
  );
}

function existing(url: string): RedisServer {
  const { hostname, port } = new URL(url);
  return { url, host: hostname, port: Number(port || 6379), close: async () => {} };
}

/** Starts a private server on a free port of the loopback interface. Another process may take the port first: then the next one. */
async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-redis-'));
  let trouble: unknown;
  for (let attempt = 0; attempt < STARTS; attempt++) {
    const port = await freePort();
    try {
      return running(await startRedisProcess(port, folder), port, folder);
    } catch (error) {
      trouble = error;
    }
  }
  await rm(folder, { recursive: true, force: true });
  throw trouble;
}

function running(server: RedisProcess, port: number, folder: string): RedisServer {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    pid: server.pid,
    folder,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

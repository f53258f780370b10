import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canInstallPackages, installPackage } from './debian-package.js';
import { freePort } from './free-port.js';
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
const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5_000;

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
  let trouble = '';
  for (let attempt = 0; attempt < STARTS; attempt++) {
    const port = await freePort();
    const child = spawn(
      'redis-server',
      ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    trouble = await readiness(child);
    if (trouble === '' && child.pid !== undefined) return running(child, child.pid, port, folder);
    await stop(child);
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error(`redis-server did not start: ${trouble}`);
}

/** Empty once the server accepts connections, else its last words. */
function readiness(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let output = '';
    const timer = setTimeout(() => resolve(`not ready after ${START_DEADLINE_MS} ms: ${output}`), START_DEADLINE_MS);
    const done = (trouble: string): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-2000);
      if (output.includes('Ready to accept connections')) done('');
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => done(error.message));
    child.once('exit', () => done(output));
  });
}

function running(child: ChildProcess, pid: number, port: number, folder: string): RedisServer {
  // A test run that ends without closing must not leave a server behind.
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    pid,
    folder,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}

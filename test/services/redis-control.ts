import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { FAKE_CLOCK_MISSING, FakeClock, findFakeClockLibrary } from './fake-clock.js';
import { freePort } from './free-port.js';
import { findRedis } from './redis.js';
import { MonitorLog } from './redis-monitor.js';
import { type RedisProcess, startRedisProcess } from './redis-process.js';
import type { Found } from './service.js';

const STARTS = 5;

/** A server of the test's own that can be killed, paused, started again empty, watched, and have its clock stepped. */
export class ControlledRedis {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #clock: FakeClock | undefined;
  readonly #monitors: MonitorLog[] = [];
  #server: RedisProcess;
  #client: Redis | undefined;

  private constructor(server: RedisProcess, port: number, folder: string, clock: FakeClock | undefined) {
    this.#server = server;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#clock = clock;
  }

  static async start(clockLibrary?: string): Promise<ControlledRedis> {
    const folder = await mkdtemp(join(tmpdir(), 'hotpath-redis-'));
    const clock = clockLibrary === undefined ? undefined : new FakeClock(clockLibrary, folder);
    let trouble: unknown;
    for (let attempt = 0; attempt < STARTS; attempt++) {
      const port = await freePort();
      try {
        const server = await startRedisProcess(port, folder, [], clock?.env);
        return new ControlledRedis(server, port, folder, clock);
      } catch (error) {
        trouble = error;
      }
    }
    await rm(folder, { recursive: true, force: true });
    throw trouble;
  }

  /** SIGKILL: connections break at once, everything is lost. */
  async kill(): Promise<void> {
    await this.#server.stop('SIGKILL');
  }

  /** SIGSTOP: the server takes connections and bytes, and answers nothing until `resume`. */
  pause(): void {
    this.#server.signal('SIGSTOP');
  }

  resume(): void {
    this.#server.signal('SIGCONT');
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    this.#server = await startRedisProcess(this.port, this.#folder, [], this.#clock?.env);
  }

  /** Sets how far the server's wall clock is ahead of the true one, in seconds. */
  setClock(offsetSeconds: number): void {
    if (!this.#clock) throw new Error('this server was started with the true clock');
    this.#clock.set(offsetSeconds);
  }

  /** Sends one command over a connection of its own. Bulk replies as text; rejects after 2 s without an answer. */
  async command(...args: readonly (string | number | Buffer)[]): Promise<unknown> {
    const [name, ...rest] = args;
    return (await this.#connected()).call(String(name), ...rest);
  }

  /** Like `command`, with bulk replies as bytes. */
  async bytes(...args: readonly (string | number | Buffer)[]): Promise<unknown> {
    const [name, ...rest] = args;
    return (await this.#connected()).callBuffer(String(name), ...rest);
  }

  /** Every command that any client sends from now on, those of scripts included. */
  async monitor(): Promise<MonitorLog> {
    const log = await MonitorLog.start(this.port);
    this.#monitors.push(log);
    return log;
  }

  async #connected(): Promise<Redis> {
    if (this.#client?.status === 'ready') return this.#client;
    this.#client?.disconnect();
    const client = new Redis(this.port, this.host, {
      lazyConnect: true,
      retryStrategy: () => null,
      connectTimeout: 2_000,
      commandTimeout: 2_000,
    });
    // A broken connection shows in the next command.
    client.on('error', () => {});
    this.#client = client;
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    for (const monitor of this.#monitors) monitor.close();
    this.#client?.disconnect();
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Looks for what a controlled server needs.
 *
 * @param options.clock - a server whose clock can be stepped: needs libfaketime too
 */
export async function findControlledRedis(options: { clock?: boolean } = {}): Promise<Found<ControlledRedis>> {
  const redis = await findRedis({ private: true });
  if ('missing' in redis) return redis;
  if (!options.clock) return { from: redis.from, start: () => ControlledRedis.start() };
  const library = await findFakeClockLibrary();
  if (library === undefined) return { missing: FAKE_CLOCK_MISSING };
  return { from: library, start: () => ControlledRedis.start(library) };
}

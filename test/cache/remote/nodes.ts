import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { CacheManager, type CacheOptions } from '../../../src/cache/index.js';
import { DISCARD, DROP, FILL, LEASE, PUT, RELEASE, RENEW, REPLACE } from '../../../src/cache/remote/entry-scripts.js';
import { INVALIDATE, SYNC } from '../../../src/cache/remote/version-scripts.js';
import { WireNames } from '../../../src/cache/remote/wire-name.js';
import type { RedisServer } from '../../services/redis.js';
import { MonitorLog } from '../../services/redis-monitor.js';

const SCRIPTS = { DISCARD, DROP, FILL, LEASE, PUT, RELEASE, RENEW, REPLACE, INVALIDATE, SYNC };

/** Far beyond what a loaded machine takes: tests about deadlines name their own. */
const PATIENT = { readDeadline: '5s', writeDeadline: '5s' } as const;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when the condition holds; fails the test when it does not within the time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(2);
  }
}

/** Caches of one process that stand for several: each has its own connections, memory and books. */
export class Nodes {
  #server: RedisServer | undefined;
  #raw: Redis | undefined;
  #namespaces = 0;
  #namespace = '';
  readonly #caches: CacheManager[] = [];

  get url(): string {
    return this.#server!.url;
  }

  get port(): number {
    return this.#server!.port;
  }

  /** A client of the test's own, to look and to meddle. */
  get raw(): Redis {
    return this.#raw!;
  }

  /** The namespace of the present test. */
  get namespace(): string {
    return this.#namespace;
  }

  get names(): WireNames {
    return new WireNames(this.#namespace, 1);
  }

  async start(start: () => Promise<RedisServer>): Promise<void> {
    this.#server = await start();
    this.#raw = new Redis(this.port, '127.0.0.1');
    await this.#raw.ping();
  }

  nextTest(): void {
    this.#namespace = `test-${++this.#namespaces}`;
  }

  /** A node that has not done anything yet. Exact times: no jitter, no early refresh. Deadlines of 5 s unless it names others. */
  make<V = unknown>(options: CacheOptions = {}): CacheManager<V> {
    const defaults = { namespace: this.#namespace, jitter: 0, earlyRefresh: 0 };
    const cache = new CacheManager<V>({ ...defaults, ...options, remote: patiently(options.remote ?? this.url) });
    this.#caches.push(cache as CacheManager);
    return cache;
  }

  /** A node that is connected and hears the others. */
  async open<V = unknown>(options: CacheOptions = {}): Promise<CacheManager<V>> {
    const cache = this.make<V>(options);
    await cache.ready();
    await until('the bus lives', () => cache.stats().remote?.bus === 'live');
    return cache;
  }

  /** Resolves once a value stands under the key. */
  async stored(key: string): Promise<void> {
    await until(`${key} is stored`, async () => (await this.raw.exists(this.names.value(key))) === 1);
  }

  /** Resolves once somebody has the lease of the key. */
  async leased(key: string): Promise<void> {
    await until(`${key} is leased`, async () => (await this.raw.exists(this.names.lease(key))) === 1);
  }

  /** Resolves once somebody waits for the lease of the key. */
  async awaited(key: string): Promise<void> {
    await until(`${key} is waited for`, async () => String(await this.raw.get(this.names.lease(key))).endsWith('w'));
  }

  /** Loads a value and waits until the others can find it. */
  async load<V>(cache: CacheManager<V>, key: string, value: V, tags: readonly string[] = []): Promise<void> {
    await cache.getOrSet(key, () => value as never, { tags });
    await this.stored(key);
  }

  /** What the server was asked meanwhile, scripts by their names, in order. Heartbeats, which come when they come, are left out. */
  async asked(work: () => Promise<unknown>): Promise<string[]> {
    return (await this.monitored(work))
      .filter(({ client, args }) => client !== 'lua' && !isBeat(args))
      .map(({ name, args }) => (name === 'EVALSHA' || name === 'EVAL' ? (scriptOf(args[0]!) ?? name) : name));
  }

  /** Every command that reached the server meanwhile, those of scripts included. */
  async monitored(work: () => Promise<unknown>): Promise<MonitorLog['commands']> {
    const log = await MonitorLog.start(this.port);
    try {
      await work();
      // What a node sends behind its callers' backs has left by then.
      await pause(15);
      const mark = `mark-${Math.random()}`;
      await this.raw.echo(mark);
      const isMark = ({ name, args }: { name: string; args: readonly string[] }): boolean =>
        name === 'ECHO' && args[0] === mark;
      await until('the log is complete', () => log.commands.some(isMark));
      return log.commands.filter((command) => !isMark(command));
    } finally {
      log.close();
    }
  }

  async closeCaches(): Promise<void> {
    await Promise.all(this.#caches.splice(0).map((cache) => cache.close()));
  }

  async close(): Promise<void> {
    this.#raw?.disconnect();
    await this.#server?.close();
  }
}

/** The last argument of a beat's SYNC is the beat. */
function isBeat(args: readonly string[]): boolean {
  return args[0] === SYNC.sha && args.at(-1) !== '';
}

function patiently(remote: NonNullable<CacheOptions['remote']>): NonNullable<CacheOptions['remote']> {
  const isInFull =
    typeof remote === 'object' && Object.getPrototypeOf(remote) === Object.prototype && 'store' in remote;
  return { ...PATIENT, ...(isInFull ? remote : { store: remote }) } as NonNullable<CacheOptions['remote']>;
}

function scriptOf(sha: string): string | undefined {
  return Object.entries(SCRIPTS).find(([, script]) => script.sha === sha)?.[0];
}

/** One server for a file, and a namespace for each of its tests. */
export function useNodes(start: () => Promise<RedisServer>): Nodes {
  const nodes = new Nodes();
  beforeAll(() => nodes.start(start));
  beforeEach(() => nodes.nextTest());
  afterEach(() => nodes.closeCaches());
  afterAll(() => nodes.close());
  return nodes;
}

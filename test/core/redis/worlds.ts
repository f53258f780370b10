import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, createCluster } from '@keyv/redis';
import { Cluster, Redis } from 'ioredis';
import { redisPort } from '../../../src/core/redis/redis-client-port.js';
import type { RedisPort } from '../../../src/core/redis/redis-port.js';
import { redisUrlPort } from '../../../src/core/redis/url-client.js';
import { freePort } from '../../services/free-port.js';
import { startRedisCluster } from '../../services/redis-cluster.js';
import { startRedisProcess } from '../../services/redis-process.js';

/** One server or a cluster that a test may kill, freeze and restart. */
export interface World {
  readonly ports: readonly number[];
  kill(): Promise<void>;
  restart(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  close(): Promise<void>;
}

/** A kind of client: how the host makes it, and the port over it. */
export interface Kind {
  readonly name: string;
  readonly world: 'single' | 'cluster';
  open(ports: readonly number[]): Promise<Opened>;
}

export interface Opened {
  readonly port: RedisPort;
  /** The host's client; absent for the port of a URL. */
  readonly client?: HostClient;
  /** What the host does at its end. */
  end(): Promise<void>;
}

export interface HostClient {
  eventNames(): (string | symbol)[];
  listenerCount(event: string | symbol): number;
}

export async function startSingle(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-redis-single-'));
  const port = await freePort();
  let server = await startRedisProcess(port, folder);
  return {
    ports: [port],
    kill: () => server.stop('SIGKILL'),
    restart: async () => {
      await server.stop('SIGKILL');
      server = await startRedisProcess(port, folder);
    },
    signal: (name) => server.signal(name),
    close: async () => {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function startCluster(): Promise<World> {
  const cluster = await startRedisCluster();
  return {
    ports: cluster.nodes.map(({ port }) => port),
    kill: async () => {
      await Promise.all(cluster.nodes.map((node) => node.process.stop('SIGKILL')));
    },
    restart: async () => {
      await Promise.all(cluster.nodes.map((_, index) => cluster.restart(index)));
      await cluster.whole();
    },
    signal: (name) => {
      for (const node of cluster.nodes) node.process.signal(name);
    },
    close: () => cluster.close(),
  };
}

const address = (port: number): string => `redis://127.0.0.1:${port}`;

function nodeRedis(RESP: 2 | 3): Kind['open'] {
  return async (ports) => {
    // The offline queue stays on, as most hosts leave it.
    const client = createClient({ url: address(ports[0] ?? 0), RESP, socket: { reconnectStrategy: 50 } });
    client.on('error', () => {});
    await client.connect();
    return { port: redisPort(client), client, end: async () => client.destroy() };
  };
}

export const KINDS: readonly Kind[] = [
  { name: 'node-redis, RESP2', world: 'single', open: nodeRedis(2) },
  { name: 'node-redis, RESP3', world: 'single', open: nodeRedis(3) },
  {
    name: 'node-redis cluster',
    world: 'cluster',
    open: async (ports) => {
      const client = createCluster({
        rootNodes: ports.map((port) => ({ url: address(port) })),
        defaults: { socket: { reconnectStrategy: 50 } },
      });
      client.on('error', () => {});
      await client.connect();
      return { port: redisPort(client), client, end: async () => client.destroy() };
    },
  },
  ...[false, true].map(
    (enableAutoPipelining): Kind => ({
      name: enableAutoPipelining ? 'ioredis, pipelining by itself' : 'ioredis',
      world: 'single',
      open: async (ports) => {
        const client = new Redis(ports[0] ?? 0, '127.0.0.1', { retryStrategy: () => 50, enableAutoPipelining });
        client.on('error', () => {});
        await new Promise<void>((resolve) => client.once('ready', () => resolve()));
        return { port: redisPort(client), client, end: async () => client.disconnect() };
      },
    }),
  ),
  {
    name: 'ioredis cluster',
    world: 'cluster',
    open: async (ports) => {
      const client = new Cluster(
        ports.map((port) => ({ host: '127.0.0.1', port })),
        { clusterRetryStrategy: () => 100 },
      );
      client.on('error', () => {});
      await new Promise<void>((resolve) => client.once('ready', () => resolve()));
      return { port: redisPort(client), client, end: async () => client.disconnect() };
    },
  },
  {
    name: 'URL',
    world: 'single',
    open: async (ports) => {
      const port = redisUrlPort(address(ports[0] ?? 0));
      const ready = new Promise<void>((resolve) => port.onReadiness(() => resolve()));
      port.connect();
      await ready;
      return { port, end: () => port.close() };
    },
  },
];

/** Resolves when the condition holds; fails the test when it does not within the time. */
export async function until(what: string, condition: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

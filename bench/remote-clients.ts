import type { PackageSource } from '../src/cli/package-source.js';

// What is used of the clients: they are not installed with the repository, so the type check cannot see their own types.
export interface NodeRedis {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: (error: unknown) => void): unknown;
  get(key: string): Promise<string | null>;
  mGet(keys: string[]): Promise<(string | null)[]>;
  set(key: string, value: string, options?: { PX: number }): Promise<unknown>;
  flushAll(): Promise<unknown>;
  info(section: string): Promise<string>;
  configResetStat(): Promise<unknown>;
}
export interface Ioredis {
  once(event: string, listener: () => void): unknown;
  on(event: string, listener: (error: unknown) => void): unknown;
  disconnect(): void;
  get(key: string): Promise<string | null>;
  mget(keys: string[]): Promise<(string | null)[]>;
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
}
export type NodeRedisCluster = Pick<NodeRedis, 'connect' | 'destroy' | 'on'>;
interface NodeRedisModule {
  createClient(options: { url: string }): NodeRedis;
  createCluster(options: { rootNodes: { url: string }[] }): NodeRedisCluster;
}
interface IoredisModule {
  Redis: new (url: string) => Ioredis;
}

export async function connectNodeRedis(source: PackageSource, url: string): Promise<NodeRedis> {
  const { createClient } = (await source.load('@redis/client')) as NodeRedisModule;
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export async function connectCluster(source: PackageSource, urls: readonly string[]): Promise<NodeRedisCluster> {
  const { createCluster } = (await source.load('@redis/client')) as NodeRedisModule;
  const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  cluster.on('error', () => {});
  await cluster.connect();
  return cluster;
}

export async function connectIoredis(source: PackageSource, url: string): Promise<Ioredis> {
  const { Redis } = (await source.load('ioredis')) as IoredisModule;
  const client = new Redis(url);
  client.on('error', () => {});
  await new Promise<void>((resolve) => client.once('ready', resolve));
  return client;
}

/** How often the server ran each command since it was asked last. What a script runs counts on its own as well. */
export async function commandCounts(client: NodeRedis): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [, name, calls] of (await client.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    // What the bench itself asks.
    if (!/^(info|config)/.test(name!)) counts.set(name!, Number(calls));
  }
  await client.configResetStat();
  return counts;
}

/** `get 1, mget 3`; `none` when nothing was run. */
export function listCounts(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'none';
  return [...counts].map(([name, calls]) => `${name} ${calls.toLocaleString('en-US')}`).join(', ');
}

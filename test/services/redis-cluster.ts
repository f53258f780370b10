import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@keyv/redis';
import { type RedisProcess, startRedisProcess } from './redis-process.js';

/** A Redis Cluster of three masters on the loopback interface, without replicas. */
export interface RedisCluster {
  readonly nodes: readonly { readonly port: number; readonly url: string; readonly process: RedisProcess }[];
  /** Starts a node that was killed on its old port, with the slots it had. */
  restart(index: number): Promise<void>;
  /** Resolves when every node says that the cluster is well. */
  whole(): Promise<void>;
  close(): Promise<void>;
}

const NODES = 3;
const SLOTS = 16_384;
const STARTS = 5;
const WHOLE_DEADLINE_MS = 20_000;
/** The bus of a node listens on its port plus this. */
const BUS_OFFSET = 10_000;

/** Starts the nodes, deals out the slots, introduces the nodes to each other and waits until they agree. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-redis-cluster-'));
  const nodes: { port: number; url: string; process: RedisProcess }[] = [];
  const folderOf = (port: number): string => join(folder, `${port}`);
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.process.stop('SIGKILL')));
    await rm(folder, { recursive: true, force: true });
  };
  const cluster: RedisCluster = {
    nodes,
    restart: async (index) => {
      const node = nodes[index];
      if (!node) throw new Error(`no node ${index}`);
      await node.process.stop('SIGKILL');
      node.process = await startRedisProcess(node.port, folderOf(node.port), clusterArgs());
    },
    whole: () => whole(nodes.map(({ url }) => url)),
    close,
  };
  try {
    while (nodes.length < NODES) nodes.push(await startNode(folderOf));
    const ports = nodes.map(({ port }) => port);
    for (const [index, { url }] of nodes.entries()) await giveSlots(url, index);
    await introduce(nodes[0]?.url ?? '', ports);
    await cluster.whole();
    return cluster;
  } catch (error) {
    await close();
    throw error;
  }
}

function clusterArgs(): string[] {
  return ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000'];
}

/** Another process may take a port first: then the next pair. */
async function startNode(
  folderOf: (port: number) => string,
): Promise<{ port: number; url: string; process: RedisProcess }> {
  let trouble: unknown;
  for (let attempt = 0; attempt < STARTS; attempt++) {
    const port = await freePortPair();
    await mkdir(folderOf(port), { recursive: true });
    try {
      const process = await startRedisProcess(port, folderOf(port), clusterArgs());
      return { port, url: `redis://127.0.0.1:${port}`, process };
    } catch (error) {
      trouble = error;
    }
  }
  throw trouble;
}

async function giveSlots(url: string, index: number): Promise<void> {
  await command(url, async (send) => {
    const from = Math.ceil((index * SLOTS) / NODES);
    const to = Math.ceil(((index + 1) * SLOTS) / NODES);
    await send(['CLUSTER', 'ADDSLOTS', ...Array.from({ length: to - from }, (_, i) => `${from + i}`)]);
    // Different numbers from the start spare the nodes a quarrel about whose view is newer.
    await send(['CLUSTER', 'SET-CONFIG-EPOCH', `${index + 1}`]);
  });
}

async function introduce(url: string, ports: readonly number[]): Promise<void> {
  await command(url, async (send) => {
    for (const port of ports) await send(['CLUSTER', 'MEET', '127.0.0.1', `${port}`]);
  });
}

async function whole(urls: readonly string[]): Promise<void> {
  const deadline = Date.now() + WHOLE_DEADLINE_MS;
  let states: string[] = [];
  while (Date.now() < deadline) {
    states = await Promise.all(
      urls.map((url) =>
        command(url, async (send) => `${await send(['CLUSTER', 'INFO'])}`).catch((error) => `${error}`),
      ),
    );
    if (states.every((text) => text.includes('cluster_state:ok') && text.includes(`known_nodes:${NODES}`))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the cluster did not become whole: ${states.join('\n')}`);
}

async function command<Result>(
  url: string,
  run: (send: (args: string[]) => Promise<unknown>) => Promise<Result>,
): Promise<Result> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await run((args) => client.sendCommand(args));
  } finally {
    client.destroy();
  }
}

async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
  throw new Error('no two free ports for a node of a Redis Cluster');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

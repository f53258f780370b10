import { errorMonitor } from 'node:events';
import type { ClientAdapter } from './client-port.js';
import { keySlot } from './key-slot.js';
import { BINARY, type NodeRedis } from './node-redis.js';
import { nodeRedisDial } from './node-redis-dial.js';
import type { EventSource, ReadinessSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** A master as the cluster client knows it; without a client until it is first used, where connections are kept to a minimum. */
interface Master {
  readonly client?: NodeRedis;
}

/** What is used of a cluster client of node-redis from version 5 on. */
export interface NodeRedisClusterClient extends EventSource {
  readonly isOpen: boolean;
  readonly slots: readonly ({ readonly master: Master } | undefined)[];
  readonly masters: readonly Master[];
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    args: readonly RedisArgument[],
    options?: object,
  ): Promise<RedisReply>;
  nodeClient(master: Master): Promise<NodeRedis>;
  /** Not part of the documented surface, hence optional: where it is gone, a fail-over is found out by the next redirection. */
  readonly _slots?: { rediscover?(from: NodeRedis): Promise<unknown> };
}

const POLL_WHILE_DOWN_MS = 100;
const REDISCOVER_EVERY_MS = 1_000;

/** A cluster client of node-redis. It is ready while one of its masters is; a command is refused when its own master is not. */
export class NodeRedisCluster implements ClientAdapter {
  readonly topology = 'cluster';
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  readonly #cluster: NodeRedisClusterClient;
  #dialled = 0;
  #rediscoveredAt = 0;

  constructor(cluster: NodeRedisClusterClient) {
    this.#cluster = cluster;
    this.dial = nodeRedisDial(() => this.#nextMaster());
    this.readiness = {
      client: cluster,
      events: ['connect', 'disconnect', 'node-ready', 'node-error', 'node-disconnect', errorMonitor],
      isReady: () => this.ready,
      // The cluster tells of the first time that a node is ready, not of the next.
      pollMs: (ready) => (ready ? undefined : POLL_WHILE_DOWN_MS),
    };
  }

  get ready(): boolean {
    return this.#cluster.isOpen && this.#cluster.masters.some(isReady);
  }

  send(key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    const master = key === undefined ? this.#cluster.masters.find(isReady) : this.#cluster.slots[keySlot(key)]?.master;
    if (master === undefined || !isReady(master) || !this.#cluster.isOpen) {
      this.#rediscover();
      return Promise.reject(new RedisUnavailableError('the node of the Redis cluster for this key is not connected'));
    }
    if (key !== undefined) return this.#cluster.sendCommand(key, false, args, BINARY);
    return sendTo(this.#cluster, master, args);
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    const { masters, isOpen } = this.#cluster;
    if (!isOpen || masters.length === 0 || !masters.every(isReady)) {
      throw new RedisUnavailableError('not every master of the Redis cluster is connected');
    }
    return masters.map((master) => (args) => {
      return isReady(master) ? sendTo(this.#cluster, master, args) : Promise.reject(new RedisUnavailableError());
    });
  }

  /** The host opens its client itself. */
  connect(): void {}

  /** Messages reach every node, so one is enough; each attempt takes the next. */
  async #nextMaster(): Promise<NodeRedis> {
    const { masters, isOpen } = this.#cluster;
    const master = masters[this.#dialled++ % Math.max(masters.length, 1)];
    if (!isOpen || master === undefined) throw new RedisUnavailableError();
    return master.client ?? this.#cluster.nodeClient(master);
  }

  /**
   * Commands that are refused here never meet the redirection from which node-redis learns that a replica has taken over: so
   * the nodes that are left are asked who owns the slots, once a second at most.
   */
  #rediscover(): void {
    const now = performance.now();
    const from = this.#cluster.masters.find((master) => master.client?.isReady)?.client;
    if (from === undefined || now - this.#rediscoveredAt < REDISCOVER_EVERY_MS) return;
    this.#rediscoveredAt = now;
    this.#cluster._slots?.rediscover?.(from).catch(() => {});
  }
}

function isReady(master: Master): boolean {
  return master.client === undefined || master.client.isReady;
}

function sendTo(cluster: NodeRedisClusterClient, master: Master, args: readonly RedisArgument[]): Promise<RedisReply> {
  if (master.client) return master.client.sendCommand(args, BINARY);
  return cluster.nodeClient(master).then((client) => client.sendCommand(args, BINARY));
}

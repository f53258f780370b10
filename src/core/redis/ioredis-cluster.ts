import type { ClientAdapter } from './client-port.js';
import { connectIoredis, type Ioredis, type IoredisSingle, STATUS_EVENTS, sendIoredis } from './ioredis.js';
import { ioredisDial } from './ioredis-dial.js';
import type { ReadinessSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** What is used of a cluster client of ioredis from version 5 on. */
export interface IoredisClusterClient extends Ioredis {
  /** `host:port` of each slot's nodes, the master first. */
  readonly slots: readonly (readonly string[] | undefined)[];
  nodes(role: 'master'): readonly IoredisSingle[];
  refreshSlotsCache(done: () => void): void;
}

/** Where a node is connected, or connects with the first command. */
const USABLE: ReadonlySet<string> = new Set(['ready', 'wait', 'connecting', 'connect']);

const POLL_WHILE_DOWN_MS = 100;

/**
 * A cluster client of ioredis. It is ready while one of its masters is: ioredis itself says `ready` on, when all the nodes
 * that it was connected to are gone. What is sent to a node that is down ioredis tries again for a while, as its options say.
 */
export class IoredisCluster implements ClientAdapter {
  readonly topology = 'cluster';
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  readonly #cluster: IoredisClusterClient;
  #dialled = 0;

  constructor(cluster: IoredisClusterClient) {
    this.#cluster = cluster;
    this.dial = ioredisDial(() => this.#nextMaster());
    this.readiness = {
      client: cluster,
      events: [...STATUS_EVENTS, '+node', '-node'],
      isReady: () => this.ready,
      // The cluster does not tell when a node is ready.
      pollMs: (ready) => (ready ? undefined : POLL_WHILE_DOWN_MS),
    };
  }

  get ready(): boolean {
    if (this.#cluster.status !== 'ready') return false;
    const masters = this.#cluster.nodes('master');
    if (masters.some(({ status }) => status === 'ready')) return true;
    // A node is connected with its first command, and none is sent while no node is. What then fails leaves the list, and with
    // the last of them the cluster finds out that it has to connect anew.
    for (const node of masters) connectIoredis(node);
    return false;
  }

  send(_key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.ready ? sendIoredis(this.#cluster, args) : Promise.reject(new RedisUnavailableError());
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    if (this.ready && !this.#isWhole()) await this.#refresh();
    if (!this.ready || !this.#isWhole()) {
      throw new RedisUnavailableError('not every master of the Redis cluster is connected');
    }
    return this.#cluster.nodes('master').map((master) => (args) => {
      return USABLE.has(master.status) ? sendIoredis(master, args) : Promise.reject(new RedisUnavailableError());
    });
  }

  connect(): void {
    connectIoredis(this.#cluster);
  }

  /** ioredis drops a node that went away from its list: a sweep over the others would miss a part of the keys. */
  #isWhole(): boolean {
    const owners = new Set(this.#cluster.slots.map((nodes) => nodes?.[0]));
    const masters = this.#cluster.nodes('master');
    return owners.size <= masters.length && masters.every(({ status }) => USABLE.has(status));
  }

  /** Asks the nodes who owns the slots, which puts back on the list who was dropped from it. */
  #refresh(): Promise<void> {
    return new Promise((resolve) => this.#cluster.refreshSlotsCache(() => resolve()));
  }

  /** Messages reach every node, so one is enough; each attempt takes the next. */
  #nextMaster(): IoredisSingle {
    const masters = this.#cluster.nodes('master');
    const master = masters[this.#dialled++ % Math.max(masters.length, 1)];
    if (master === undefined) throw new RedisUnavailableError();
    return master;
  }
}

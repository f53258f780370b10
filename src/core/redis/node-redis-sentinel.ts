import { errorMonitor } from 'node:events';
import type { ClientAdapter } from './client-port.js';
import { BINARY, type NodeRedis } from './node-redis.js';
import { nodeRedisDial } from './node-redis-dial.js';
import type { EventSource, ReadinessSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';
import type { Dial } from './subscriber.js';
import { RedisUnavailableError } from './unavailable.js';

/** What is used of a Sentinel client of node-redis from version 5 on. */
export interface NodeRedisSentinelClient extends EventSource {
  readonly isReady: boolean;
  getMasterNode(): object | undefined;
  sendCommand(isReadonly: boolean, args: readonly RedisArgument[], options?: object): Promise<RedisReply>;
  /** Not part of the documented surface: the only way to the client of the master, which a subscription is copied from. */
  _execute?<Result>(isReadonly: boolean, run: (client: NodeRedis) => Promise<Result>): Promise<Result>;
}

/** The Sentinel client says `ready` from its first connection on, and tells of no later loss: so it is asked. */
const POLL_MS = 250;

/** A Sentinel client of node-redis: one master, which may change. */
export class NodeRedisSentinel implements ClientAdapter {
  readonly topology = 'single';
  readonly readiness: ReadinessSource;
  readonly dial: Dial;
  readonly #sentinel: NodeRedisSentinelClient;

  constructor(sentinel: NodeRedisSentinelClient) {
    this.#sentinel = sentinel;
    this.dial = nodeRedisDial(() => this.#master());
    this.readiness = {
      client: sentinel,
      events: ['topology-change', errorMonitor],
      isReady: () => this.ready,
      pollMs: () => POLL_MS,
    };
  }

  get ready(): boolean {
    return this.#sentinel.isReady && this.#sentinel.getMasterNode() !== undefined;
  }

  send(_key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply> {
    if (!this.ready) return Promise.reject(new RedisUnavailableError());
    return this.#sentinel.sendCommand(false, args, BINARY);
  }

  async masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]> {
    return [(args) => this.send(undefined, args)];
  }

  /** The host opens its client itself. */
  connect(): void {}

  async #master(): Promise<NodeRedis> {
    const sentinel = this.#sentinel;
    if (!this.ready) throw new RedisUnavailableError();
    if (!sentinel._execute)
      throw new RedisUnavailableError('this version of node-redis hides the master behind Sentinel');
    return sentinel._execute(false, async (client) => client);
  }
}

import type { Unsubscribe } from '../emitter.js';
import type { RedisScript } from './script.js';

/**
 * What a command answers: bulk strings as Buffers, integers as numbers, nil as `null`. A status reply (`OK`) is a string of
 * node-redis and a Buffer of ioredis: compare it as `String(reply)`. What only RESP3 has (maps, sets) is a flat list.
 */
export type RedisReply = Buffer | string | number | null | readonly RedisReply[];

export type RedisArgument = string | Buffer;

/**
 * The little that hotpath needs of a Redis client, the same for node-redis and ioredis, for one server, a Sentinel group and
 * a Cluster. Nothing here waits for a connection: what is sent while there is none is refused at once.
 */
export interface RedisPort {
  /** A cluster keeps keys of different slots on different nodes: a command's keys must share one slot. */
  readonly topology: 'single' | 'cluster';
  /** Whether a command sent now goes out now; of a cluster, whether a command to at least one of its masters does. */
  readonly ready: boolean;
  /**
   * Sends one command. Commands sent in one tick share a packet where the client can do that.
   *
   * @param key - the key that says which node of a cluster is meant; `undefined` for any node
   * @throws RedisUnavailableError while not ready; whatever the client rejects with
   */
  send(key: string | undefined, args: readonly RedisArgument[]): Promise<RedisReply>;
  /** Runs a script by its hash, and by its text where the server does not know it. All keys share one slot. */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<RedisReply>;
  /**
   * One sender for each master node, for sweeps over all keys.
   *
   * @throws RedisUnavailableError unless every master of a cluster can be reached: a sweep would miss a part of the keys
   */
  masters(): Promise<readonly ((args: readonly RedisArgument[]) => Promise<RedisReply>)[]>;
  /** A connection of its own for subscriptions; ours to close. Does not connect yet. */
  subscriber(): RedisSubscriber;
  /** Starts connecting a client of ours, or one of the host's that connects on first use; waits for nothing, never throws. */
  connect(): void;
  /** Told when `ready` changes. */
  onReadiness(listener: (ready: boolean) => void): Unsubscribe;
  /** Told of the errors of a client of ours. A host's client reports to the host. */
  onError(listener: (error: unknown) => void): Unsubscribe;
  /** Closes what we opened. A client of the host's is left alone. */
  close(): Promise<void>;
}

/** A connection that listens to channels. It reconnects by itself and then subscribes again. */
export interface RedisSubscriber {
  /**
   * Connects and subscribes; returns at once.
   *
   * @param onState - `true` each time all channels have been subscribed to on a new connection, `false` when that is lost
   */
  start(
    channels: readonly string[],
    onMessage: (channel: string, message: Buffer) => void,
    onState: (subscribed: boolean) => void,
  ): void;
  onError(listener: (error: unknown) => void): Unsubscribe;
  close(): Promise<void>;
}

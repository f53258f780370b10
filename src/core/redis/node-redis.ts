import type { EventSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';

/** What is used of a client of node-redis (`redis`, `@redis/client`) from version 5 on. */
export interface NodeRedis extends EventSource {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options?: { readonly socket?: object };
  connect(): Promise<unknown>;
  sendCommand(args: readonly RedisArgument[], options?: object): Promise<RedisReply>;
  subscribe(
    channels: readonly string[],
    listener: (message: Buffer, channel: Buffer) => void,
    bufferMode: true,
  ): Promise<unknown>;
  duplicate(overrides: object): NodeRedis;
  destroy(): void;
  on(event: string | symbol, listener: (error: unknown) => void): unknown;
}

/**
 * How replies are read, whatever the host's client is set to: bulk strings as Buffers, and the types that only RESP3 has as
 * what RESP2 would send. By the first byte of each type, as the protocol and node-redis name them.
 */
const TYPE_MAPPING = {
  [code('$')]: Buffer,
  [code('=')]: Buffer,
  [code('%')]: Array,
  [code('~')]: Array,
  [code('(')]: String,
} as const;

/** The options of every command. node-redis copies them. */
export const BINARY: object = { typeMapping: TYPE_MAPPING };

function code(type: string): number {
  return type.charCodeAt(0);
}

import type { EventSource } from './readiness-watch.js';
import type { RedisArgument, RedisReply } from './redis-port.js';

/** A command as a method of the client: `getBuffer(key)`. */
type Method = (...args: readonly RedisArgument[]) => Promise<RedisReply>;

/** What is used of any client of ioredis from version 5 on. */
export interface Ioredis extends EventSource {
  /** `wait` (connects on first use), `connecting`, `connect`, `ready`, `close`, `reconnecting`, `end`. */
  readonly status: string;
  readonly isCluster: boolean;
  connect(): Promise<unknown>;
  callBuffer(command: string, ...args: readonly RedisArgument[]): Promise<RedisReply>;
}

/** What is used of a client of ioredis for one server. */
export interface IoredisSingle extends Ioredis {
  readonly options: { readonly host?: string; readonly port?: number };
  readonly stream?: { destroy(): unknown };
  duplicate(overrides: object): IoredisSingle;
  subscribe(...channels: readonly string[]): Promise<unknown>;
  ping(): Promise<unknown>;
  disconnect(): void;
  on(event: string | symbol, listener: (...args: never[]) => void): unknown;
}

/** All status events of ioredis after which it may be ready or no longer. */
export const STATUS_EVENTS = ['ready', 'close', 'end', 'reconnecting'] as const;

const methodNames = new Map<string, string>();

/**
 * Sends a command and reads bulk strings as Buffers. By the command's own method where there is one: with automatic
 * pipelining, `callBuffer` of ioredis 5 loses the command's name.
 */
export function sendIoredis(client: Ioredis, args: readonly RedisArgument[]): Promise<RedisReply> {
  const command = String(args[0]);
  const method = (client as unknown as Record<string, Method | undefined>)[methodName(command)];
  if (method === undefined) return client.callBuffer(command, ...args.slice(1));
  return args.length === 2 ? method.call(client, args[1] as RedisArgument) : method.apply(client, args.slice(1));
}

function methodName(command: string): string {
  let name = methodNames.get(command);
  if (name === undefined) {
    name = `${command.toLowerCase()}Buffer`;
    methodNames.set(command, name);
  }
  return name;
}

/** Starts a client that connects on first use. */
export function connectIoredis(client: Ioredis): void {
  // What goes wrong is told by the client's events.
  if (client.status === 'wait') client.connect().catch(() => {});
}

import { connect, createServer, type Socket } from 'node:net';
import { findRedis, type RedisServer } from '../test/services/redis.js';

/** A Redis of the bench's own. It is stopped by the bench, and with its process at the latest. */
export async function startRedis(): Promise<RedisServer> {
  const found = await findRedis({ private: true });
  if ('missing' in found) throw new Error(found.missing);
  return found.start();
}

/** A way to the server that counts how often a client had to wait for it. */
export interface CountingProxy {
  readonly url: string;
  /** Round trips since the last call, over all connections: each time a client sent something after an answer. */
  take(): number;
  close(): Promise<void>;
}

export async function countingProxy(server: RedisServer): Promise<CountingProxy> {
  let trips = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(server.port, server.host);
    let isAnswered = true;
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    client.on('data', (chunk) => {
      // A request in several packets is one trip: the next begins after an answer.
      if (isAnswered) trips++;
      isAnswered = false;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      isAnswered = true;
      client.write(chunk);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    take: () => {
      const taken = trips;
      trips = 0;
      return taken;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}

/** Reads the server's MONITOR log as it is written, and keeps the names of the commands only. */
export interface CommandLog {
  readonly commands: ReadonlyMap<string, number>;
  /** Waits until everything sent before has been logged. */
  close(): Promise<void>;
}

export async function watchCommands(server: RedisServer): Promise<CommandLog> {
  const commands = new Map<string, number>();
  const socket = connect(server.port, server.host);
  let rest = '';
  let started = (): void => {};
  let ended = (): void => {};
  const isStarted = new Promise<void>((resolve) => {
    started = resolve;
  });
  const isEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const name = /^\+[\d.]+ \[[^\]]*\] "([^"]*)"/.exec(line)?.[1]?.toLowerCase();
      if (name === undefined) started();
      else if (name === 'echo' && line.includes(END_OF_LOG)) ended();
      else commands.set(name, (commands.get(name) ?? 0) + 1);
    }
  });
  socket.write('MONITOR\r\n');
  await isStarted;
  return {
    commands,
    close: async () => {
      const last = connect(server.port, server.host);
      last.write(`ECHO ${END_OF_LOG}\r\n`);
      await isEnded;
      last.destroy();
      socket.destroy();
    },
  };
}

const END_OF_LOG = 'end-of-log';

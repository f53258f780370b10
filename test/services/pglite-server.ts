import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';

/** PGlite behind a port, for clients that speak the PostgreSQL protocol. All connections share its one session. */
export interface PgliteServer {
  readonly port: number;
  close(): Promise<void>;
}

/** AuthenticationOk and ReadyForQuery: nobody is turned away. */
const WELCOME = Uint8Array.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const TERMINATE = 0x58;

export async function startPgliteServer(): Promise<PgliteServer> {
  const db = await PGlite.create();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    answer(db, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await db.close();
    },
  };
}

function answer(db: PGlite, socket: Socket): void {
  let unread: Buffer = Buffer.alloc(0);
  let isWelcome = false;
  let last: Promise<unknown> = Promise.resolve();
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      // The first message has no type before its length.
      const start = isWelcome ? 1 : 0;
      if (unread.length < start + 4) return;
      const end = start + unread.readUInt32BE(start);
      if (unread.length < end) return;
      const message = Uint8Array.from(unread.subarray(0, end));
      unread = unread.subarray(end);
      if (!isWelcome) {
        isWelcome = true;
        socket.write(WELCOME);
      } else if (message[0] === TERMINATE) {
        socket.end();
      } else {
        last = last.then(async () => socket.write(await db.execProtocolRaw(message))).catch(() => socket.destroy());
      }
    }
  });
}

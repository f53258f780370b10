import { createServer } from 'mysql2';
import { freePort } from './free-port.js';

/** A server that speaks the MySQL protocol and answers every query with one row, `{ answer: 1 }`. */
export interface MysqlServer {
  readonly port: number;
  close(): Promise<void>;
}

/** The part of the server's connections that mysql2 does not type. */
interface ServerConnection {
  serverHandshake(args: object): void;
  writeTextResult(rows: object[], columns: object[]): void;
  on(event: string, listener: () => void): void;
  /** Of the next packet. It begins anew with each command, which the server of mysql2 leaves to its user. */
  sequenceId: number;
  readonly stream: { destroy(): void };
}

const HANDSHAKE = {
  protocolVersion: 10,
  serverVersion: '8.0.0',
  statusFlags: 2,
  characterSet: 8,
  capabilityFlags: 0xffffff,
};
const COLUMN = {
  catalog: 'def',
  schema: '',
  table: '',
  orgTable: '',
  name: 'answer',
  orgName: 'answer',
  characterSet: 63,
  columnLength: 11,
  columnType: 3,
  flags: 0,
  decimals: 0,
};

export async function startMysqlServer(): Promise<MysqlServer> {
  const connections: ServerConnection[] = [];
  const server = createServer(() => {});
  server.on('connection', (plain: unknown) => {
    const connection = plain as ServerConnection;
    connections.push(connection);
    connection.on('error', () => {});
    connection.on('query', () => {
      connection.sequenceId = 1;
      connection.writeTextResult([{ answer: 1 }], [COLUMN]);
      connection.sequenceId = 0;
    });
    const authCallback = (_: unknown, welcome: (error: null) => void): void => {
      welcome(null);
      connection.sequenceId = 0;
    };
    connection.serverHandshake({ ...HANDSHAKE, connectionId: connections.length, authCallback });
  });
  const port = await freePort();
  // Passed on to `net.Server`, of which its type knows the port alone.
  (server as { listen(...args: unknown[]): unknown }).listen(port, '127.0.0.1');
  return {
    port,
    close: async () => {
      for (const { stream } of connections) stream.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

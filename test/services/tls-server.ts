import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loopbackTls } from './loopback-tls.js';

/** An HTTPS server on the loopback interface that counts its connections. */
export interface TlsServer {
  readonly url: string;
  /** TLS connections that were opened, since the start. */
  connections(): number;
  closeIdle(): void;
  close(): Promise<void>;
}

export async function startTlsServer(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TlsServer> {
  const server = createServer(loopbackTls, handler);
  server.keepAliveTimeout = 60_000;
  let connections = 0;
  server.on('secureConnection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    closeIdle: () => server.closeIdleConnections(),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

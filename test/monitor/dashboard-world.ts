import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createDashboard, type Dashboard, type DashboardParts } from '../../src/monitor/dashboard/dashboard.js';
import { type ServeDashboardOptions, type ServedDashboard, serveDashboard } from '../../src/monitor/dashboard/serve.js';
import { ManualClock } from '../manual-clock.js';
import { fullReader, type ReaderDouble } from './reader-double.js';

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RequestWish {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** Dashboards and servers of one test, on a clock that the test moves together with its reader's time. */
export class DashboardWorld {
  readonly reader: ReaderDouble = fullReader();
  readonly clock: ManualClock = new ManualClock(this.reader.time);
  readonly warnings: object[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  readonly parts: DashboardParts = {
    reader: this.reader,
    clock: this.clock,
    report: () => ({ report: true }),
    prometheus: () => 'up 1\n',
    logger: { debug() {}, info() {}, error() {}, warn: (data) => void this.warnings.push(data) },
  };

  /** Moves time on in steps of at most a second. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= 1_000) {
      const step = Math.min(left, 1_000);
      this.reader.time += step;
      this.clock.advance(step);
    }
  }

  dashboard(more: Partial<DashboardParts> = {}): Dashboard {
    const dashboard = createDashboard({ ...this.parts, ...more });
    this.#closing.push(() => dashboard.close());
    return dashboard;
  }

  /** A dashboard as the only thing a plain server has. */
  async mounted(more: Partial<DashboardParts> = {}): Promise<{ dashboard: Dashboard; server: Server; port: number }> {
    const dashboard = this.dashboard(more);
    return { dashboard, ...(await this.listening(dashboard.handler)) };
  }

  async listening(listener: RequestListener, host = '127.0.0.1'): Promise<{ server: Server; port: number }> {
    const server = createServer(listener);
    server.listen(0, host);
    await once(server, 'listening');
    this.#closing.push(async () => {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    });
    return { server, port: (server.address() as AddressInfo).port };
  }

  async served(options: ServeDashboardOptions = {}, more: Partial<DashboardParts> = {}): Promise<ServedDashboard> {
    const served = await serveDashboard({ ...this.parts, ...more }, options);
    this.#closing.push(() => served.close());
    return served;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
  }
}

/** Sends a request as a browser does, and reads the answer to its end. */
export async function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: RequestWish = {},
): Promise<Reply> {
  const req = request({
    port,
    path,
    method,
    headers: headers as Record<string, string>,
    host: '127.0.0.1',
    agent: false,
  });
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return { status: res.statusCode!, headers: res.headers, body: await textOf(res) };
}

/** Sends bytes as they are, and reads all that comes until the other side closes. */
export async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return received(socket);
}

/** Like `sendRaw`, and says that nothing more will come: a request that is not whole is over then. */
export async function sendAndEnd(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes, 'latin1');
  return received(socket);
}

export async function received(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'close');
  return text;
}

/** The status of a raw answer; 0 where the connection was closed without one. */
export function statusOf(raw: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(raw)?.[1] ?? 0);
}

async function textOf(res: IncomingMessage): Promise<string> {
  let text = '';
  res.setEncoding('utf8');
  for await (const chunk of res) text += chunk;
  return text;
}

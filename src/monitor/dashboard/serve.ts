import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HotpathError, InvalidOptionError } from '../../core/errors.js';
import { type Closeable, closeOnce } from '../../core/lifecycle.js';
import { WarnOnce } from '../../core/logger.js';
import { checkNames, checkOptions, kindOnly } from '../../core/option-names.js';
import { type Answer, send, textAnswer } from './answer.js';
import { createDashboard, type DashboardParts } from './dashboard.js';
import { foreignAnswer, isForeignRequest } from './foreign-request.js';
import { hostName, isLoopbackName, nameOfAddress, requestedHost } from './host-name.js';
import { checkToken, newToken, TokenGate } from './token-gate.js';

/** Where a dashboard of its own is served, and to whom. */
export interface ServeDashboardOptions {
  /** Default 0: a free one. */
  readonly port?: number;
  /** The address to bind. Default `127.0.0.1`: this machine only. Any other one must be asked for; the token guards it too. */
  readonly host?: string;
  /**
   * 16 to 256 visible ASCII characters. Default: 256 random bits. Of less than 32 characters, 20 wrong ones a minute lock their
   * sender's address out.
   */
  readonly token?: string;
  /** Names that the dashboard is reached by beside the address it is bound to and the loopback names: `ops.example.com`. */
  readonly allowedHosts?: readonly string[];
  /** Whether the server keeps the process alive. Default false. */
  readonly keepAlive?: boolean;
}

/** A dashboard that is being served. */
export interface ServedDashboard extends Closeable {
  /** For a browser, with the token: `http://127.0.0.1:54321/?token=...`. */
  readonly url: string;
  readonly port: number;
  /** For `Authorization: Bearer`. */
  readonly token: string;
}

const NAMES: readonly string[] = ['port', 'host', 'token', 'allowedHosts', 'keepAlive'];
/** Far above what the page sends, far below what would cost much. */
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  /** How often the two above are looked after. */
  connectionsCheckingInterval: 2_000,
} as const;
const MOST_HEADERS = 64;
const MOST_CONNECTIONS = 100;
/** Nothing came and nothing went: above the minute that a profile takes at the longest, in which nothing does. */
const SILENCE_MS = 90_000;

/**
 * Serves the dashboard on a server of its own: `Authorization: Bearer <token>`, or the `url`, in a browser. Requests that were
 * sent to another name than ours are refused (403), so that no foreign name that was rebound to this address gets anywhere. `GET
 * /metrics` with the token is what a Prometheus scrapes.
 *
 * @throws InvalidOptionError for bad options
 * @throws HotpathError `DASHBOARD_NOT_SERVED` when the address can't be bound
 */
export async function serveDashboard(
  parts: Omit<DashboardParts, 'authorize'>,
  options: ServeDashboardOptions = {},
): Promise<ServedDashboard> {
  checkOptions('options', options);
  // Not the value: it may be the token.
  checkNames('', options, NAMES, { show: kindOnly });
  const { port = 0, host = '127.0.0.1', keepAlive = false } = options;
  checkAddress(port, host);
  const token = options.token === undefined ? newToken() : checkToken(options.token);
  const allowed = allowedNames(options.allowedHosts ?? [], host);
  const warnings = new WarnOnce(parts.logger, parts.clock);
  // Whom the token lets in, the dashboard has no further question to.
  const dashboard = createDashboard({ ...parts, authorize: () => true });
  const server = createServer(LIMITS);
  server.maxHeadersCount = MOST_HEADERS;
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = SILENCE_MS;
  if (!keepAlive) {
    server.unref();
    server.on('connection', (socket: Socket) => socket.unref());
  }
  const address = await listen(server, port, host);
  server.on('error', (error) => warnings.warn('server', { error }, 'hotpath dashboard: trouble with the server'));
  const gate = new TokenGate(token, `hotpath-dashboard-${address.port}`, parts.clock);
  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    // Before the token is looked at: pages of other sites are not to use up what may be tried.
    const answer = misdirected(req, allowed) ?? (isForeignRequest(req) ? foreignAnswer() : gate.check(req));
    if (answer === undefined) dashboard.handler(req, res);
    else send(req, res, answer);
  });
  const close = closeOnce(async () => {
    await dashboard.close();
    gate.close();
    await closeServer(server);
  });
  const url = `http://${nameOfAddress(shownAddress(address.address))}:${address.port}/?token=${encodeURIComponent(token)}`;
  return { url, port: address.port, token, close, [Symbol.asyncDispose]: close };
}

function checkAddress(port: unknown, host: unknown): void {
  if (!Number.isInteger(port) || (port as number) < 0 || (port as number) > 65_535) {
    throw new InvalidOptionError('port', 'an integer from 0 to 65535', port);
  }
  if (typeof host !== 'string' || host === '') throw new InvalidOptionError('host', 'an address or a name', host);
}

function allowedNames(hosts: unknown, bound: string): ReadonlySet<string> {
  if (!Array.isArray(hosts)) throw new InvalidOptionError('allowedHosts', 'an array of names', hosts);
  const names = hosts.map((host: unknown) => {
    const name = typeof host === 'string' ? hostName(host) : undefined;
    if (name === undefined) throw new InvalidOptionError('allowedHosts', 'names, as in a URL', host);
    return name;
  });
  // An address in figures is not in there: it is the socket's own.
  return new Set([...names, hostName(bound) ?? 'localhost']);
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(
        new HotpathError(`the dashboard can't be served at ${host}:${port}: ${cause.message}`, {
          code: 'DASHBOARD_NOT_SERVED',
          cause,
        }),
      );
    server.once('error', onError);
    server.listen(port, host, () => {
      server.removeListener('error', onError);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Sent to a name that is not ours, or with more headers than are kept, of which the last are not seen. */
function misdirected(req: IncomingMessage, allowed: ReadonlySet<string>): Answer | undefined {
  if (req.rawHeaders.length / 2 >= MOST_HEADERS) return textAnswer(431, 'too many headers');
  const name = requestedHost(req);
  const { localAddress } = req.socket;
  const isOurs =
    name !== undefined &&
    (isLoopbackName(name) || allowed.has(name) || (localAddress !== undefined && name === nameOfAddress(localAddress)));
  return isOurs ? undefined : textAnswer(403, 'not a name of this dashboard: see allowedHosts');
}

/** Streams have ended, and what else is under way is not waited for. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A server that is bound to all addresses is reached by the loopback one. */
function shownAddress(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

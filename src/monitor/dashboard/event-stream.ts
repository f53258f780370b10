import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '../../core/clock.js';
import type { MonitorReader } from '../monitor-reader.js';
import { type Answer, textAnswer } from './answer.js';
import type { DashboardView } from './dashboard-view.js';
import { DeltaBook } from './delta-book.js';
import { FiguresBook } from './figures-book.js';
import { type Abilities, LiveReading } from './live-reading.js';
import { securityHeaders } from './security-headers.js';

const MOST_CLIENTS = 20;
const TICK_MS = 1_000;
const RETRY_MS = 2_000;
/** A client with more than this unread is sent nothing more, and let go after ten seconds of it. */
const MOST_UNREAD = 2 ** 20;
const LATE_TICKS = 10;
/** Ended then: a browser connects again by itself, and has to be let in again. */
const LONGEST_MS = 15 * 60_000;
/** How long a stream that was ended may take to be read to its end. */
const LEAVING_MS = 10_000;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // nginx would collect the stream.
  'X-Accel-Buffering': 'no',
};
/** The socket is unref'd: it must not serve the host's other requests later. */
const OWN_SOCKET: Readonly<Record<string, string>> = { Connection: 'close' };

/** A page that listens. */
interface Client {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly book: DeltaBook;
  readonly since: number;
  lateTicks: number;
}

/** What an event stream needs. */
export interface EventStreamParts {
  readonly reader: MonitorReader;
  readonly clock: Clock;
  readonly can: Abilities;
  readonly onTrouble: (error: unknown, during: string) => void;
}

/**
 * Server-sent events: `snapshot` at connect, `delta` once a second. One timer for all pages, and only while there are some. A
 * delta is sent even if nothing has changed but the time, so that a page can tell silence from a lost connection. Sockets are
 * unref'd: a page that is left open does not keep the process alive. Not so in HTTP/2, where they serve other requests too.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #book: FiguresBook;
  readonly #clients = new Set<Client>();
  /** Responses that were ended and are not read to their end yet, and until when they may be. */
  readonly #leaving = new Map<ServerResponse, number>();
  #reading: LiveReading | undefined;
  #cancelTick: CancelTimer | undefined;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#book = new FiguresBook(parts.reader);
  }

  /** Begins to stream, or says why not: at most 20 pages listen. */
  open(req: IncomingMessage, res: ServerResponse, view: DashboardView): Answer | undefined {
    if (this.#clients.size >= MOST_CLIENTS) return tooMany();
    const isOwnSocket = req.httpVersionMajor === 1;
    const headers = { ...securityHeaders(), ...HEADERS, ...(isOwnSocket && OWN_SOCKET) };
    if (req.method === 'HEAD') {
      res.writeHead(200, headers).end();
      return undefined;
    }
    const book = new DeltaBook(view);
    const first = event('snapshot', book.snapshot(this.#recent()));
    if (res.destroyed) return undefined;
    res.writeHead(200, headers);
    res.write(`retry: ${RETRY_MS}\n\n${first}`);
    if (isOwnSocket) req.socket.unref();
    const client: Client = { req, res, book, since: this.#parts.clock.now(), lateTicks: 0 };
    this.#clients.add(client);
    res.on('close', () => this.#remove(client));
    res.on('error', () => this.#remove(client));
    this.#keepTicking();
    return undefined;
  }

  close(): void {
    for (const client of this.#clients) this.#end(client);
    this.#restIfAlone();
  }

  #keepTicking(): void {
    this.#cancelTick ??= this.#parts.clock.setTimer(this.#tick, TICK_MS);
  }

  readonly #tick = (): void => {
    this.#cancelTick = undefined;
    this.#keepTicking();
    for (const client of this.#clients) this.#endIfDue(client);
    this.#dropUnread();
    this.#restIfAlone();
    if (this.#clients.size === 0) return;
    try {
      const reading = this.#read();
      this.#reading = reading;
      for (const client of this.#clients) this.#update(client, reading);
      this.#book.prune(reading.at);
    } catch (error) {
      this.#parts.onTrouble(error, 'the event stream');
    }
  };

  #endIfDue(client: Client): void {
    const { req, since } = client;
    if (this.#parts.clock.now() - since >= LONGEST_MS || isServerClosing(req)) this.#end(client);
  }

  /** What it has not read yet would wait in memory for as long as it holds the connection. */
  #end(client: Client): void {
    this.#clients.delete(client);
    this.#leaving.set(client.res, this.#parts.clock.now() + LEAVING_MS);
    client.res.end();
  }

  #dropUnread(): void {
    for (const [res, until] of this.#leaving) {
      if (this.#parts.clock.now() < until) continue;
      this.#leaving.delete(res);
      res.destroy();
    }
  }

  #update(client: Client, reading: LiveReading): void {
    const { res, book } = client;
    if (res.writableLength <= MOST_UNREAD) {
      client.lateTicks = 0;
      res.write(event('delta', book.delta(reading)));
    } else if (++client.lateTicks > LATE_TICKS) {
      this.#remove(client);
      res.destroy();
    }
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    this.#leaving.delete(client.res);
    this.#restIfAlone();
  }

  /** Nothing that was read is kept for nobody, and no timer runs. */
  #restIfAlone(): void {
    if (this.#clients.size > 0) return;
    this.#reading = undefined;
    this.#book.clear();
    if (this.#leaving.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  /** Pages that connect within one second, as all do after a restart, share what was read. */
  #recent(): LiveReading {
    const age = this.#parts.reader.now() - (this.#reading?.at ?? 0);
    if (this.#reading === undefined || age >= TICK_MS) this.#reading = this.#read();
    return this.#reading;
  }

  #read(): LiveReading {
    return new LiveReading(this.#parts.reader, this.#parts.can, this.#book);
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function tooMany(): Answer {
  return textAnswer(503, `${MOST_CLIENTS} pages are listening already`, { 'Retry-After': '5' });
}

/** A server that was closed waits for its requests to end: it must not wait for streams that never do. */
function isServerClosing({ socket }: IncomingMessage): boolean {
  return (socket as { server?: { listening?: boolean } } | null)?.server?.listening === false;
}

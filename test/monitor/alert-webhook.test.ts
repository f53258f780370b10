import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HotpathError, InvalidOptionError } from '../../src/core/errors.js';
import { type WebhookOptions, webhookSink } from '../../src/monitor/alerts/webhook-sink.js';
import { flushMicrotasks } from '../manual-clock.js';
import { freePort } from '../services/free-port.js';
import { alertWorld, messageOf } from './alert-world.js';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let origin: string;
const received: Received[] = [];
/** What the server answers with, request by request; 204 when it is told nothing. */
let answers: { status: number; headers?: Record<string, string>; body?: string; hangs?: boolean }[] = [];
let waiting: (() => void)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      for (const wake of waiting.splice(0)) wake();
      const { status, headers: extra = {}, body = '', hangs } = answers.shift() ?? { status: 204 };
      if (!hangs) response.writeHead(status, extra).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  received.length = 0;
  answers = [];
  waiting = [];
});

const { signal } = new AbortController();
const send = async (url: string, options?: WebhookOptions): Promise<void> =>
  webhookSink(url, options).send(messageOf(1), signal);
const requests = (count: number): Promise<void> =>
  new Promise((resolve) => {
    const check = (): void => {
      if (received.length >= count) resolve();
      else waiting.push(check);
    };
    check();
  });

describe('a webhook', () => {
  it('gets the message as JSON', async () => {
    await send(`${origin}/hooks/T1/s3cret?channel=ops`, { headers: { Authorization: 'Bearer t0ken' } });
    expect(received).toHaveLength(1);
    const [{ method, path, headers, body }] = received as [Received];
    expect({ method, path }).toEqual({ method: 'POST', path: '/hooks/T1/s3cret?channel=ops' });
    expect(headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer t0ken' });
    expect(JSON.parse(body)).toEqual(messageOf(1));
  });

  it('may have a body and a content type of its own', async () => {
    await send(`${origin}/`, {
      headers: { 'Content-Type': 'application/vnd.chat+json' },
      body: ({ name, state }) => ({ text: `${name} is ${state}` }),
    });
    expect(received[0]!.headers['content-type']).toBe('application/vnd.chat+json');
    expect(JSON.parse(received[0]!.body)).toEqual({ text: 'alert 1 is firing' });
  });

  it('has user and password of its URL sent as basic authentication', async () => {
    await send(origin.replace('//', '//ops%40example:p%C3%A4ss:word@'));
    await send(origin.replace('//', '//100%:@'));
    const pairs = received.map(({ headers }) => Buffer.from(headers.authorization!.slice(6), 'base64').toString());
    expect(pairs).toEqual(['ops@example:päss:word', '100%:']);
  });

  it.each([200, 201, 202, 204])('has it with an answer of %i, whatever is in it', async (status) => {
    answers = [{ status, body: status === 204 ? '' : 'x'.repeat(1_000_000) }];
    await send(origin);
  });

  it('has its answer let go of unread, whatever it is, so that connections do not pile up', async () => {
    for (const ok of [true, false]) {
      let released = 0;
      const cancel = async (): Promise<void> => void released++;
      await send('http://h/', { fetch: async () => ({ ok, status: ok ? 200 : 500, body: { cancel } }) }).catch(
        () => {},
      );
      expect(released).toBe(1);
    }
  });

  it.each([400, 401, 404, 410, 429, 500, 503])('has not got it with an answer of %i', async (status) => {
    answers = [{ status, body: 'no' }];
    await expect(send(`${origin}/s3cret`)).rejects.toThrow(`webhook ${origin} answered ${status}`);
  });

  it.each([301, 302, 303, 307, 308])('is not looked for elsewhere: %i', async (status) => {
    answers = [{ status, headers: { location: `${origin}/elsewhere` } }];
    await expect(send(origin)).rejects.toThrow(`answered ${status}, and redirects are not followed`);
    expect(received.map(({ path }) => path)).toEqual(['/']);
  });

  it('that nobody listens at is a failed attempt, which says why', async () => {
    const port = await freePort();
    await expect(send(`http://127.0.0.1:${port}/s3cret`)).rejects.toThrow(
      `webhook http://127.0.0.1:${port} can't be reached: ECONNREFUSED`,
    );
  });

  it('that fetch itself refuses says why, and shows nothing of the address', async () => {
    await expect(send('http://127.0.0.1:9/s3cret')).rejects.toThrow(
      "webhook http://127.0.0.1:9 can't be reached: Error (bad port)",
    );
    const refusing = (message: string): Promise<void> =>
      send(`${origin}/some/secret/path`, { fetch: () => Promise.reject(new TypeError(message)) });
    await expect(refusing('no such secret here')).rejects.toThrow(/reached: TypeError$/);
    await expect(refusing('no path at http://x')).rejects.toThrow(/reached: TypeError$/);
    await expect(refusing('no luck')).rejects.toThrow(/reached: TypeError \(no luck\)$/);
  });

  it.each(['Content-Length', 'transfer-encoding', 'Host', 'connection', 'Expect'])(
    'is not given a header that says how it is sent: %s',
    (name) => {
      const make = (): unknown => webhookSink(origin, { headers: { [name]: 't0ken' } });
      expect(make).toThrow(InvalidOptionError);
      expect(make).toThrow(name);
      expect(make).not.toThrow('t0ken');
    },
  );

  it('that does not answer is let go of by its signal', async () => {
    answers = [{ status: 204, hangs: true }];
    const controller = new AbortController();
    const sent = webhookSink(origin).send(messageOf(1), controller.signal);
    await requests(1);
    controller.abort();
    await expect(sent).rejects.toThrow(`webhook ${origin} can't be reached: AbortError`);
  });

  it('that fails at first has it in the end, beside one that hangs', async () => {
    answers = [{ status: 503 }, { status: 500 }, { status: 200 }];
    let settled = 0;
    let hanging = 0;
    const counted: WebhookOptions['fetch'] = (url, init) => fetch(url, init).finally(() => settled++);
    const { book, clock, look, troubles } = alertWorld([
      webhookSink(origin, { fetch: counted }),
      webhookSink('http://hangs.test/', {
        timeout: '1s',
        fetch: (_url, init) => {
          hanging++;
          return new Promise((_resolve, reject) => {
            init.signal.addEventListener('abort', () => reject(init.signal.reason));
          });
        },
      }),
    ]);
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    look(2);
    for (const [attempt, pauseMs] of [2_000, 10_000, 60_000].entries()) {
      while (settled <= attempt) await flushMicrotasks();
      for (let ms = 0; ms < pauseMs; ms += 500) await clock.advanceAsync(500);
    }
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      Array(3).fill(expect.objectContaining({ name: 'slow', state: 'firing', unit: 'ms' })),
    );
    expect(hanging).toBe(3);
    expect(book.deliveries()).toMatchObject([
      { delivered: 1, failed: 0 },
      { delivered: 0, failed: 1 },
    ]);
    expect(troubles).toEqual(['alert sink "webhook http://hangs.test": send did not answer within 1000 ms']);
  });

  it('is only ever named by its origin', async () => {
    const url = `${origin.replace('//', '//me:s3cret@')}/services/s3cret?key=s3cret`;
    const headers = { 'x-key': 's3cret' };
    expect(webhookSink(url, { headers }).name).toBe(`webhook ${origin}`);
    const failures: WebhookOptions['fetch'][] = [
      async () => Promise.reject(new TypeError(`fetch failed: ${url}`, { cause: new Error(`at ${url}`) })),
      async () => Promise.reject(`s3cret in ${url}`),
      async () => ({ ok: false, status: 500, body: { cancel: () => Promise.reject(new Error('s3cret')) } }),
      async () => ({ ok: false, status: 302 }),
      () => {
        throw new Error(url);
      },
    ];
    for (const fetch of failures) {
      const error: unknown = await send(url, { headers, ...(fetch && { fetch }) }).catch((reason: unknown) => reason);
      expect(HotpathError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: 'ALERT_WEBHOOK' });
      const { message, stack, cause } = error as Error;
      expect(`${message} ${stack} ${JSON.stringify(error)} ${String(cause)}`).not.toContain('s3cret');
    }
  });
});

describe('a webhook that makes no sense', () => {
  it.each<[option: string, url: unknown, options: unknown, shown: string]>([
    ['url', 'me:s3cret@host', undefined, '"something else"'],
    ['url', 's3cret', undefined, '"something else"'],
    ['url', 'ftp://me:s3cret@host', undefined, '"ftp://..."'],
    ['url', 'file:///s3cret', undefined, '"file://..."'],
    ['url', 'http://', undefined, '"http://..."'],
    ['url', undefined, undefined, '"something else"'],
    ['headers', 'http://h', { headers: 's3cret' }, '"a string"'],
    ['headers.x-key', 'http://h', { headers: { 'x-key': 's3cret\n' + 's3cret' } }, 'none'],
    ['headers.x-key', 'http://h', { headers: { 'x-key': 5 } }, 'a number'],
    ['headers.x key', 'http://h', { headers: { 'x key': 's3cret' } }, 'none'],
    ['header', 'http://h', { header: 's3cret' }, '"a string"'],
    ['fetch', 'http://h', { fetch: 's3cret' }, '"a string"'],
    ['body', 'http://h', { body: {} }, '"a object"'],
    ['timeout', 'http://h', { timeout: 0 }, '0'],
  ])('is refused where it is made, and gives nothing away: %s', (option, url, options, shown) => {
    let caught: unknown;
    try {
      webhookSink(url as string, options as WebhookOptions);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InvalidOptionError);
    expect(caught).toMatchObject({ option });
    expect((caught as Error).message).toContain(shown);
    expect(`${(caught as Error).stack}`).not.toContain('s3cret');
  });
});

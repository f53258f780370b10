import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { Agent, request, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerOf } from '../../../src/async/rate/header-source.js';
import { type Failure, failureOf, headersOf } from '../../../src/async/retry/failure.js';
import { freePort } from '../../services/free-port.js';

/** What the server does with a request for `/<name>`. */
const BEHAVIOURS: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {
  limited: (response) =>
    answer(response, 429, { code: 'rate_limit_exceeded', type: 'tokens' }, { 'retry-after-ms': '634' }),
  texted: (response) =>
    answer(response, 429, { code: 'rate_limit_exceeded', message: 'Rate limit reached. Please try again in 1m30s.' }),
  exhausted: (response) =>
    answer(response, 429, {}, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '12s' }),
  quota: (response) =>
    answer(response, 429, { code: 'insufficient_quota', type: 'insufficient_quota' }, { 'retry-after': '1' }),
  'quota-advised': (response) =>
    answer(response, 429, { code: 'insufficient_quota' }, { 'retry-after': '1', 'x-should-retry': 'true' }),
  'too-large': (response) =>
    answer(
      response,
      429,
      {
        ...{ code: 'rate_limit_exceeded', type: 'tokens' },
        message: 'Request too large for m on tokens per min (TPM): Limit 10000, Requested 12000. It must be reduced.',
      },
      { 'x-should-retry': 'true' },
    ),
  unavailable: (response) => answer(response, 503, {}, { 'retry-after': '2' }),
  broken: (response) => answer(response, 500, { type: 'server_error' }),
  refused: (response) => answer(response, 500, {}, { 'x-should-retry': 'false' }),
  wrong: (response) => answer(response, 400, { code: 'context_length_exceeded' }),
  unknown: (response) => answer(response, 401, { code: 'invalid_api_key' }),
  reset: (response) => response.socket?.resetAndDestroy(),
  hung: (response) => response.socket?.end(),
  silent: () => {},
  slow: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":'),
  cut: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"id": "x');
    setImmediate(() => response.socket?.destroy());
  },
  chunk: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"id": "x');
    setImmediate(() => response.socket?.destroy());
  },
  garbage: (response) => void response.socket?.end('this is not HTTP\r\n\r\n'),
  stream: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: {"error":{"message":"Slow down.","type":"server_error","code":"rate_limit_exceeded"}}\n\n`);
  },
  'stream-cut': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"id":"x","choices":[]}\n\n');
    setImmediate(() => response.socket?.destroy());
  },
};

function answer(response: ServerResponse, status: number, error: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: 'it failed', ...error } }));
}

let server: Server;
let origin: string;
let nobody: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = request.url?.split('/')[1] ?? '';
    request.resume().on('end', () => BEHAVIOURS[name]!(response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  nobody = `http://127.0.0.1:${await freePort()}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function failedWith(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}

const limited = (retryAfterMs: number): Failure => ({ kind: 'rate-limited', status: 429, retryAfterMs });

describe('errors of the OpenAI SDK', () => {
  async function sdkError(
    name: string,
    options: { url?: string; stream?: boolean; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const client = new OpenAI({
      apiKey: 'x',
      baseURL: `${options.url ?? origin}/${name}`,
      maxRetries: 0,
      timeout: 150,
    });
    const { signal } = options;
    const params = { model: 'm', messages: [] };
    return failedWith(async () => {
      if (!options.stream) return client.chat.completions.create(params, { ...(signal && { signal }) });
      for await (const _ of await client.chat.completions.create({ ...params, stream: true }));
      return undefined;
    });
  }

  it.each<[name: string, failure: Failure]>([
    ['limited', limited(634)],
    ['texted', limited(90_000)],
    ['exhausted', limited(12_000)],
    ['quota', { kind: 'permanent', status: 429 }],
    ['quota-advised', { kind: 'permanent', status: 429 }],
    ['too-large', { kind: 'permanent', status: 429, isTooLarge: true }],
    ['unavailable', { kind: 'overloaded', status: 503, retryAfterMs: 2_000 }],
    ['broken', { kind: 'transient', status: 500 }],
    ['refused', { kind: 'permanent', status: 500 }],
    ['wrong', { kind: 'permanent', status: 400 }],
    ['unknown', { kind: 'permanent', status: 401 }],
    ['reset', { kind: 'transient' }],
    ['hung', { kind: 'transient' }],
    ['cut', { kind: 'transient' }],
    ['chunk', { kind: 'transient' }],
    ['garbage', { kind: 'transient' }],
    ['silent', { kind: 'overloaded' }],
  ])('%s', async (name, failure) => {
    expect(failureOf(await sdkError(name))).toEqual(failure);
  });

  it('give their headers', async () => {
    expect(headerOf(headersOf(await sdkError('limited')), 'retry-after-ms')).toBe('634');
  });

  it('nobody listens', async () => {
    expect(failureOf(await sdkError('x', { url: nobody }))).toEqual({ kind: 'transient' });
  });

  it('an abort', async () => {
    const error = await sdkError('silent', { signal: AbortSignal.timeout(20) });
    // The SDK tells an abort by the caller whatever the reason of the signal was.
    expect(failureOf(error)).toEqual({ kind: 'permanent' });
  });

  it('in the middle of a stream', async () => {
    expect(failureOf(await sdkError('stream', { stream: true }))).toMatchObject({ kind: 'rate-limited' });
    expect(failureOf(await sdkError('stream-cut', { stream: true }))).toEqual({ kind: 'transient' });
  });
});

describe.each([
  ['fetch', fetch],
  ['fetch of undici', undiciFetch as unknown as typeof fetch],
])('errors of %s', (_, fetched) => {
  const body = (name: string, init?: RequestInit) =>
    failedWith(async () => (await fetched(`${origin}/${name}`, init)).text());

  it.each(['reset', 'hung', 'cut', 'chunk', 'garbage'])('%s', async (name) => {
    expect(failureOf(await body(name))).toEqual({ kind: 'transient' });
  });

  it('nobody listens', async () => {
    expect(failureOf(await failedWith(() => fetched(nobody)))).toEqual({ kind: 'transient' });
  });

  it('a timeout, before and in the body', async () => {
    for (const name of ['silent', 'slow']) {
      expect(failureOf(await body(name, { signal: AbortSignal.timeout(30) }))).toEqual({ kind: 'overloaded' });
    }
  });

  it('an abort', async () => {
    const control = new AbortController();
    const error = body('silent', { signal: control.signal });
    setImmediate(() => control.abort());
    expect(failureOf(await error)).toEqual({ kind: 'permanent' });
  });

  it('a mistake in the call', async () => {
    expect(failureOf(await failedWith(() => fetched('no url'))).kind).toBe('permanent');
    expect(failureOf(await failedWith(() => fetched(origin, { method: 'A B' }))).kind).toBe('permanent');
  });
});

describe('errors of undici and node:http', () => {
  it('its timeouts of headers and body are overload', async () => {
    const dispatcher = new Agent({ headersTimeout: 30, bodyTimeout: 30 });
    try {
      // Together: undici looks for what is over once a second.
      const errors = await Promise.all(
        ['silent', 'slow'].flatMap((name) => [
          failedWith(async () => (await request(`${origin}/${name}`, { dispatcher })).body.text()),
          failedWith(async () => (await undiciFetch(`${origin}/${name}`, { dispatcher })).text()),
        ]),
      );
      expect(errors.map((error) => failureOf(error))).toEqual(new Array(4).fill({ kind: 'overloaded' }));
    } finally {
      await dispatcher.destroy();
    }
    // Its owner has closed it: no call will ever succeed.
    expect(failureOf(await failedWith(() => request(origin, { dispatcher })))).toEqual({ kind: 'permanent' });
  });

  it('a response that is no success, where it throws one', async () => {
    const { interceptors } = await import('undici');
    const dispatcher = new Agent().compose(interceptors.responseError());
    const error = await failedWith(() => request(`${origin}/unavailable`, { dispatcher }));
    expect(failureOf(error)).toEqual({ kind: 'overloaded', status: 503, retryAfterMs: 2_000 });
    await dispatcher.close();
  });

  it.each(['reset', 'hung', 'cut', 'garbage'])('node:http: %s', async (name) => {
    const error = await new Promise((resolve) => {
      get(`${origin}/${name}`, (response) => response.resume().once('error', resolve)).once('error', resolve);
    });
    expect(failureOf(error)).toEqual({ kind: 'transient' });
  });
});

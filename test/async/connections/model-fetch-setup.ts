import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach } from 'vitest';
import { createModelFetch, type ModelFetch } from '../../../src/async/connections/model-fetch.js';
import type { ModelFetchOptions } from '../../../src/async/connections/model-fetch-options.js';
import { loopbackTls } from '../../services/loopback-tls.js';
import { startTlsServer, type TlsServer } from '../../services/tls-server.js';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Ends with its test. */
export async function serve(handler: Handler): Promise<TlsServer> {
  const server = await startTlsServer(handler);
  cleanUps.push(() => server.close());
  return server;
}

/** Ends with its test. */
export function modelFetch(options: ModelFetchOptions = {}): ModelFetch {
  const fetch = createModelFetch({ tls: { ca: loopbackTls.cert }, closeTimeout: 0, ...options });
  cleanUps.push(() => fetch.close());
  return fetch;
}

export const textOf = async (response: Promise<Response>): Promise<string> => (await response).text();

export const yes: Handler = (_, response) => {
  response.end('yes');
};

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

/** Waits until something is so, a turn of the event loop at a time. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Answers each request when the test says so. */
export function heldAnswers(): { readonly handler: Handler; readonly waiting: ServerResponse[] } {
  const waiting: ServerResponse[] = [];
  return { handler: (_, response) => waiting.push(response), waiting };
}

import { describe, expect, it } from 'vitest';
import { createModelFetch } from '../../../src/async/connections/model-fetch.js';
import type { ModelFetchOptions } from '../../../src/async/connections/model-fetch-options.js';
import { HotpathError, InvalidOptionError } from '../../../src/core/errors.js';
import { flushMicrotasks, ManualClock } from '../../manual-clock.js';
import { freePort } from '../../services/free-port.js';
import { heldAnswers, modelFetch, serve, textOf, until, yes } from './model-fetch-setup.js';

const codeOf = (error: unknown): unknown => (HotpathError.is(error) ? error.code : error);

describe('createModelFetch: failures', () => {
  it('passes network errors on as they are, and counts them', async () => {
    const fetch = modelFetch();
    const error: unknown = await fetch(`https://127.0.0.1:${await freePort()}`).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as { cause?: { code?: string } }).cause?.code).toBe('ECONNREFUSED');
    expect(fetch.stats()).toMatchObject({ calls: 1, failed: 1, requests: 0, connects: 0, connectFailures: 1 });
  });

  it('refuses a certificate that it was not told to trust', async () => {
    const server = await serve(yes);
    const fetch = modelFetch({ tls: {} });
    await expect(fetch(server.url)).rejects.toThrow(TypeError);
    expect(fetch.stats()).toMatchObject({ failed: 1, connects: 0, connectFailures: 1 });
  });

  it('counts no failure where the caller gave up', async () => {
    const { handler, waiting } = heldAnswers();
    const server = await serve(handler);
    const fetch = modelFetch();
    const controller = new AbortController();
    const viaInit = fetch(server.url, { signal: controller.signal });
    const viaRequest = fetch(new Request(server.url, { signal: controller.signal }));
    await until(() => waiting.length === 2);
    controller.abort();
    await expect(viaInit).rejects.toHaveProperty('name', 'AbortError');
    await expect(viaRequest).rejects.toHaveProperty('name', 'AbortError');
    expect(fetch.stats()).toMatchObject({ calls: 2, failed: 0 });
  });

  it('counts a reset connection as failed, and the next call opens another', async () => {
    let calls = 0;
    const server = await serve((request, response) => {
      if (++calls === 1) request.socket.destroy();
      else response.end('again');
    });
    const fetch = modelFetch({ connections: 1 });
    await expect(fetch(server.url)).rejects.toThrow(TypeError);
    expect(await textOf(fetch(server.url))).toBe('again');
    expect(fetch.stats()).toMatchObject({ calls: 2, failed: 1, requests: 2, reused: 0, connects: 2 });
  });

  it.each<[string, ModelFetchOptions, string]>([
    ['no connections', { connections: 0 }, 'connections'],
    ['half a connection', { connections: 1.5 }, 'connections'],
    ['a negative keepAlive', { keepAlive: -1 }, 'keepAlive'],
    ['an endless keepAlive', { keepAlive: Number.POSITIVE_INFINITY }, 'keepAlive'],
    ['no time to connect', { connectTimeout: 0 }, 'connectTimeout'],
    ['a duration of no unit', { headersTimeout: '5x' as never }, 'headersTimeout'],
    ['an empty body at most', { maxResponseBytes: 0 }, 'maxResponseBytes'],
    ['a processor that observes nothing', { processor: {} as never }, 'processor'],
    ['TLS that is a text', { tls: 'ca' as never }, 'tls'],
    ['a misspelt option', { conections: 4 } as never, 'conections'],
  ])('refuses %s, naming the option', (_, options, option) => {
    expect(() => createModelFetch(options)).toThrow(InvalidOptionError);
    expect(() => createModelFetch(options)).toThrow(option);
  });
});

describe('createModelFetch: its end', () => {
  it('waits for what is under way, and takes no more', async () => {
    const { handler, waiting } = heldAnswers();
    const server = await serve(handler);
    const fetch = modelFetch({ closeTimeout: '10s' });
    const call = textOf(fetch(server.url));
    await until(() => waiting.length === 1);
    let isClosed = false;
    const closing = fetch.close().then(() => {
      isClosed = true;
    });
    expect(codeOf(await fetch(server.url).catch((e: unknown) => e))).toBe('CLOSED');
    expect(isClosed).toBe(false);
    waiting[0]!.end('in time');
    expect(await call).toBe('in time');
    await closing;
    await fetch.close();
  });

  it('cuts what is still under way after closeTimeout', async () => {
    const clock = new ManualClock();
    const { handler, waiting } = heldAnswers();
    const server = await serve(handler);
    const fetch = modelFetch({ closeTimeout: '10s', clock });
    const call = fetch(server.url).catch((e: unknown) => e);
    await until(() => waiting.length === 1);
    const closing = fetch.close();
    await flushMicrotasks();
    clock.advance(9_999);
    await flushMicrotasks();
    expect(fetch.stats().calls).toBe(1);
    clock.advance(1);
    await closing;
    expect(codeOf(await call)).toBe('CLOSED');
  });

  it('costs nothing where no call was made', async () => {
    const fetch = modelFetch();
    expect(fetch.stats()).toMatchObject({ calls: 0, open: 0, connectMs: { mean: undefined, p95: undefined } });
    await fetch.close();
  });
});

import { describe, expect, it } from 'vitest';
import { heldAnswers, modelFetch, serve, textOf, until, yes } from './model-fetch-setup.js';

const LARGE = 'x'.repeat(4_000_000);

describe('createModelFetch: connections', () => {
  it('makes many calls over few TLS connections, and says so', async () => {
    const server = await serve(yes);
    const fetch = modelFetch({ connections: 2 });
    for (let i = 0; i < 5; i++) {
      await Promise.all(Array.from({ length: 4 }, () => textOf(fetch(server.url))));
    }
    expect(server.connections()).toBe(2);
    const stats = fetch.stats();
    expect(stats).toMatchObject({ calls: 20, failed: 0, requests: 20, reused: 18, connects: 2, connectFailures: 0 });
    expect(stats).toMatchObject({ open: 2, active: 0, pending: 0 });
    expect(stats.connectMs.mean).toBeGreaterThan(0);
    expect(stats.tlsMs.mean).toBeGreaterThan(0);
    expect(stats.tlsMs.p95).toBeGreaterThanOrEqual(stats.tlsMs.mean!);
  });

  it('makes a connection for each call where keepAlive is 0', async () => {
    const server = await serve(yes);
    const fetch = modelFetch({ keepAlive: 0 });
    for (let i = 0; i < 4; i++) await textOf(fetch(server.url));
    expect(server.connections()).toBe(4);
    expect(fetch.stats()).toMatchObject({ requests: 4, reused: 0, connects: 4 });
    expect(fetch.stats().sessionsResumed).toBeGreaterThan(0);
  });

  it('counts the first request of a connection that had to be opened anew as none that reuses one', async () => {
    const server = await serve(yes);
    const fetch = modelFetch({ connections: 1 });
    await textOf(fetch(server.url));
    await textOf(fetch(server.url));
    server.closeIdle();
    await until(() => fetch.stats().open === 0);
    await textOf(fetch(server.url));
    expect(fetch.stats()).toMatchObject({ requests: 3, reused: 1, connects: 2 });
  });

  it('lets further calls wait for one of its connections', async () => {
    const { handler, waiting } = heldAnswers();
    const server = await serve(handler);
    const fetch = modelFetch({ connections: 2 });
    const calls = [1, 2, 3].map(() => textOf(fetch(server.url)));
    await until(() => waiting.length === 2);
    expect(fetch.stats()).toMatchObject({ open: 2, active: 2, pending: 1 });
    waiting[0]!.end('first');
    await until(() => waiting.length === 3);
    for (const response of waiting.slice(1)) response.end('later');
    expect(await Promise.all(calls)).toContain('first');
    expect(server.connections()).toBe(2);
  });

  it('counts both requests of a redirect', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/old') response.writeHead(307, { location: '/new' }).end();
      else response.end('moved');
    });
    const fetch = modelFetch({ connections: 1 });
    expect(await textOf(fetch(`${server.url}/old`))).toBe('moved');
    expect(fetch.stats()).toMatchObject({ calls: 1, requests: 2, reused: 1 });
  });
});

describe('createModelFetch: bodies', () => {
  it('frees the connection of a small body that nobody reads', async () => {
    const server = await serve(yes);
    const fetch = modelFetch({ connections: 1 });
    const unread = await fetch(server.url);
    expect(await textOf(fetch(server.url))).toBe('yes');
    expect(unread.bodyUsed).toBe(false);
  });

  it('holds the connection of a large one until it is cancelled', async () => {
    const server = await serve((request, response) => {
      response.end(request.url === '/large' ? LARGE : 'small');
    });
    const fetch = modelFetch({ connections: 1 });
    const large = await fetch(`${server.url}/large`);
    const next = textOf(fetch(`${server.url}/small`));
    await until(() => fetch.stats().pending === 1);
    expect(fetch.stats()).toMatchObject({ active: 1, pending: 1 });
    await large.body?.cancel();
    expect(await next).toBe('small');
  });

  it('fails a body that is longer than maxResponseBytes', async () => {
    const server = await serve((_, response) => {
      response.end(LARGE);
    });
    const fetch = modelFetch({ maxResponseBytes: 1_000 });
    await expect(textOf(fetch(server.url))).rejects.toThrow(TypeError);
  });
});

import { createServer } from 'node:http';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DashboardWorld, type Reply, send, sendRaw, statusOf } from './dashboard-world.js';
import { TestEventSource } from './event-source.js';

const FILE = 'cpu-1700005800000.cpuprofile';

let world: DashboardWorld;
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(() => world.close());

/** Where a browser ends up, having followed one redirect as a browser does. */
async function follow(port: number, path: string): Promise<{ at: string; reply: Reply }> {
  const first = await send(port, path);
  if (first.status !== 302) return { at: path, reply: first };
  const { pathname, search } = new URL(first.headers.location!, `http://localhost${path}`);
  return { at: pathname + search, reply: await send(port, pathname + search) };
}

describe('a dashboard mounted in Express', () => {
  it('works below a prefix, and below a router in a router', async () => {
    const readProfile = async (): Promise<Buffer> => Buffer.from('{}');
    const { handler } = world.dashboard({ readProfile });
    const inner = express.Router().use('/monitor', handler);
    const app = express().use('/monitor', handler).use('/internal/ops', inner);
    const { port } = await world.listening(app);
    for (const prefix of ['/monitor', '/internal/ops/monitor']) {
      expect((await send(port, `${prefix}/`)).headers['content-type']).toContain('text/html');
      expect(await send(port, `${prefix}/metrics`)).toMatchObject({ status: 200, body: 'up 1\n' });
      expect((await send(port, `${prefix}/series.json?q=embed`)).body).toContain('embed');
      expect((await send(port, `${prefix}/profiles/${FILE}`)).status).toBe(200);
      expect((await send(port, `${prefix}/nothing`)).status).toBe(404);
      const source = await TestEventSource.open(port, `${prefix}/events`);
      expect((await source.next())?.name).toBe('snapshot');
      source.close();
    }
  });

  it.each([
    ['/monitor', '/monitor/'],
    ['/monitor?window=1h', '/monitor/?window=1h'],
    ['/monitor/', '/monitor/'],
    ['/deep/er/monitor', '/deep/er/monitor/'],
    ['/deep/er/monitor/', '/deep/er/monitor/'],
    ['/deep/er/monitor/?a=/b', '/deep/er/monitor/?a=/b'],
  ])('has the page at %s load its parts from there', async (path, at) => {
    const { handler } = world.dashboard();
    const app = express().use('/monitor', handler).use('/deep/er/monitor', handler);
    const { port } = await world.listening(app);
    const page = await follow(port, path);
    expect(page.at).toBe(at);
    expect(page.reply.status).toBe(200);
    const events = new URL('events', `http://localhost${page.at}`).pathname;
    expect((await send(port, events, { method: 'HEAD' })).headers['content-type']).toContain('text/event-stream');
  });

  it('never redirects to another host', async () => {
    const { handler } = world.dashboard();
    const { port } = await world.listening(express().use('/:any', handler));
    let redirects = 0;
    for (const target of [
      '//evil.example',
      '/\\evil.example',
      '/http:',
      '/javascript:alert(1)',
      '/%2f%2fevil.example',
      '/..//evil.example',
    ]) {
      const reply = await sendRaw(port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const location = /^location: (.*)\r$/im.exec(reply)?.[1];
      if (location !== undefined) {
        redirects++;
        expect(new URL(location, 'http://localhost/').host, target).toBe('localhost');
      }
      expect([302, 400, 404]).toContain(statusOf(reply));
    }
    expect(redirects).toBeGreaterThan(2);
  });

  it('takes a body that the parser of the host has read already', async () => {
    const profile = vi.fn(async () => ({ file: FILE }));
    const { handler } = world.dashboard({ profile });
    const { port } = await world.listening(express().use(express.json()).use('/monitor', handler));
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ duration: '2s', kind: 'heap' });
    expect((await send(port, '/monitor/profile', { method: 'POST', headers, body })).status).toBe(200);
    expect(profile).toHaveBeenCalledWith(2_000, 'heap');
  });

  it('does not wait for a body that somebody has read and thrown away', async () => {
    const { handler } = world.dashboard({ profile: async () => ({}) });
    const app = express()
      .use((req, _res, next) => void req.resume().on('end', next))
      .use('/monitor', handler);
    const { port } = await world.listening(app);
    const headers = { 'Content-Type': 'application/json' };
    expect((await send(port, '/monitor/profile', { method: 'POST', headers, body: '{}' })).status).toBe(400);
  });

  it('sends its own policy where the host has set another one', async () => {
    const { handler } = world.dashboard();
    const app = express()
      .use((_req, res, next) => {
        res.setHeader('Content-Security-Policy', "default-src 'self'");
        res.setHeader('Cache-Control', 'public, max-age=3600');
        next();
      })
      .use('/monitor', handler);
    const { port } = await world.listening(app);
    const { headers } = await send(port, '/monitor/');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store, no-transform');
  });

  it('sees the user that the host has put on the request', async () => {
    const { handler } = world.dashboard({ authorize: (req) => (req as { user?: string }).user === 'ann' });
    const app = express()
      .use((req, _res, next) => {
        Object.assign(req, { user: req.headers['x-user'] });
        next();
      })
      .use('/monitor', handler);
    const { port } = await world.listening(app);
    expect((await send(port, '/monitor/metrics', { headers: { 'X-User': 'ann' } })).status).toBe(200);
    expect((await send(port, '/monitor/metrics', { headers: { 'X-User': 'bob' } })).status).toBe(403);
  });

  it('leaves a response alone that the host has sent before', async () => {
    const { handler } = world.dashboard();
    const app = express()
      .use((_req, res, next) => {
        res.end('served by the host');
        next();
      })
      .use('/monitor', handler);
    const { port } = await world.listening(app);
    for (const path of ['/monitor/', '/monitor/events', '/monitor/nothing']) {
      expect((await send(port, path)).body).toBe('served by the host');
    }
    expect(world.warnings).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a dashboard in a plain server', () => {
  it('works below a prefix that the host cuts off', async () => {
    const { handler } = world.dashboard();
    const { port } = await world.listening((req, res) => {
      if (!req.url?.startsWith('/monitor/')) return void res.writeHead(404).end('not the dashboard');
      req.url = req.url.slice('/monitor'.length);
      handler(req, res);
    });
    expect((await send(port, '/monitor/')).headers['content-type']).toContain('text/html');
    expect((await send(port, '/monitor/metrics')).body).toBe('up 1\n');
    expect((await send(port, '/metrics')).body).toBe('not the dashboard');
  });

  it('is a listener by itself, and shares nothing with another one beside it', async () => {
    const one = world.dashboard();
    const other = world.dashboard({ prometheus: () => 'down 0\n' });
    const { port } = await world.listening(one.handler);
    const second = createServer(other.handler);
    second.listen(0, '127.0.0.1');
    await new Promise((resolve) => second.once('listening', resolve));
    await other.close();
    expect((await send(port, '/metrics')).body).toBe('up 1\n');
    expect((await send((second.address() as { port: number }).port, '/metrics')).status).toBe(503);
    await new Promise((resolve) => second.close(resolve));
  });
});

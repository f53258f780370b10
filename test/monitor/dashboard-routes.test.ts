import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FoundSeries } from '../../src/monitor/dashboard/found-series.js';
import { DashboardWorld, type Reply, send } from './dashboard-world.js';

const FILE = 'cpu-1700005800000.cpuprofile';

let world: DashboardWorld;
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(() => world.close());

describe('the dashboard as a request handler', () => {
  it('answers with page, metrics, report and series', async () => {
    const { port } = await world.mounted();
    expect(await send(port, '/')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    const metrics = await send(port, '/metrics');
    expect(metrics).toMatchObject({ status: 200, body: 'up 1\n' });
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const report = await send(port, '/report.json');
    expect(report.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(report.body)).toEqual({ report: true });
    expect((await send(port, '/series.json')).status).toBe(200);
  });

  it.each(['/', '/metrics', '/report.json', '/series.json', '/events', `/profiles/${FILE}`])(
    'answers HEAD %s with the headers of GET and no body',
    async (path) => {
      const { port } = await world.mounted({ readProfile: async () => Buffer.from('{}') });
      const head = await send(port, path, { method: 'HEAD' });
      expect(head).toMatchObject({ status: 200, body: '' });
      if (path === '/events') return;
      const { date: _date, ...headers } = (await send(port, path)).headers;
      expect(head.headers).toMatchObject(headers);
    },
  );

  it('knows no other paths, and none by another spelling', async () => {
    const { port } = await world.mounted();
    const paths = [
      '/index.html',
      '/Metrics',
      '/metrics/',
      '//metrics',
      '/./metrics',
      '/%6detrics',
      '/a/../metrics',
      '/events/',
    ];
    for (const path of [...paths, '/profiles', '/profiles/', '/favicon.ico', '/metrics%00', '/metrics;a', '/%']) {
      expect(await send(port, path), path).toMatchObject({ status: 404 });
    }
  });

  it('says which methods a path has', async () => {
    const { port } = await world.mounted({ profile: async () => ({}) });
    for (const path of ['/', '/metrics', '/report.json', '/series.json', '/events', `/profiles/${FILE}`]) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
        expect(await send(port, path, { method }), `${method} ${path}`).toMatchObject({
          status: 405,
          headers: { allow: 'GET, HEAD' },
        });
      }
    }
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      expect(await send(port, '/profile', { method })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    }
  });

  it('lets the page run its own script and style, and nothing else', async () => {
    const { port } = await world.mounted();
    const { headers, body } = await send(port, '/');
    const policy = new Map(
      headers['content-security-policy']!.toString()
        .split('; ')
        .map((directive) => {
          const [name = '', ...sources] = directive.split(' ');
          return [name, sources.join(' ')] as const;
        }),
    );
    const inline = (tag: string): string[] =>
      [...body.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))].map(
        ([, source = '']) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`,
      );
    expect(Object.fromEntries(policy)).toEqual({
      'default-src': "'none'",
      'script-src': inline('script').join(' '),
      'style-src': inline('style').join(' '),
      'connect-src': "'self'",
      'img-src': "'self' data:",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('sends every answer with the headers that keep it to itself', async () => {
    const { port } = await world.mounted({ readProfile: async () => Buffer.from('{}') });
    const replies: [string, Reply][] = [];
    for (const path of [
      '/',
      '/metrics',
      '/report.json',
      '/series.json',
      '/nothing',
      `/profiles/${FILE}`,
      '/events?window=x',
    ]) {
      replies.push([path, await send(port, path)]);
    }
    replies.push(['POST', await send(port, '/', { method: 'POST' })]);
    replies.push(['foreign', await send(port, '/', { headers: { Host: 'example.com' } })]);
    for (const [path, { headers }] of replies) {
      expect(headers['cache-control'], path).toContain('no-store');
      expect(headers['content-security-policy'], path).toContain("default-src 'none'");
      expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      expect(headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['permissions-policy'], path).toContain('camera=()');
      expect(headers, path).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('says at /series.json which names hold a text, whatever its case, the most-used first', async () => {
    const { port } = await world.mounted();
    const search = async (query: string): Promise<FoundSeries> =>
      JSON.parse((await send(port, `/series.json${query}`)).body);
    expect((await search('?q=REQUEST_')).names.map(({ name }) => name)).toEqual([
      'request_between_chunks',
      'request_stage',
      'request_first_chunk',
    ]);
    expect(await search('?q=no%20such')).toEqual({ total: 0, names: [] });
    for (let i = 0; i < 80; i++) world.reader.add(`many-${i}`, 'count', [1]);
    const all = await search('');
    expect(all.total).toBe(world.reader.names().length);
    expect(all.names).toHaveLength(50);
  });

  it('answers 500 and warns when the host fails, without a word of what happened to the client', async () => {
    const { port } = await world.mounted({
      report: () => {
        throw new Error('secret detail');
      },
    });
    const reply = await send(port, '/report.json');
    expect(reply.status).toBe(500);
    expect(reply.body).not.toContain('secret');
    expect(world.warnings).toHaveLength(1);
    expect((await send(port, '/metrics')).status).toBe(200);
  });

  it('answers 503 after close', async () => {
    const { port, dashboard } = await world.mounted();
    await Promise.all([dashboard.close(), dashboard.close()]);
    expect((await send(port, '/')).status).toBe(503);
    expect((await send(port, '/events')).status).toBe(503);
  });
});

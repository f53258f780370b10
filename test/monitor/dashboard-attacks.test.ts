import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailedAttempts } from '../../src/monitor/dashboard/failed-attempts.js';
import type { ServedDashboard } from '../../src/monitor/dashboard/serve.js';
import { DashboardWorld, send, sendRaw, statusOf } from './dashboard-world.js';

const TOKEN = 'a-token-of-the-test';

let world: DashboardWorld;
let served: ServedDashboard;
const profile = vi.fn(async () => ({}));
const readProfile = vi.fn(async () => Buffer.from('{}'));
beforeEach(async () => {
  world = new DashboardWorld();
  served = await world.served({ token: TOKEN }, { profile, readProfile });
});
afterEach(async () => {
  // Whatever was sent, the server is there, and answers whom it should.
  expect((await send(served.port, '/metrics', { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
  expect(world.warnings).toEqual([]);
  expect(profile).not.toHaveBeenCalled();
  await world.close();
});

describe('without the token', () => {
  it.each([
    ['nothing', '/metrics', {}],
    ['another token', '/metrics', { Authorization: 'Bearer another-token-of-16' }],
    ['the beginning of it', '/metrics', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than it', '/metrics', { Authorization: `Bearer ${TOKEN}x` }],
    ['it twice', '/metrics', { Authorization: `Bearer ${TOKEN} ${TOKEN}` }],
    ['it in capitals', '/metrics', { Authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['it bare', '/metrics', { Authorization: TOKEN }],
    ['it as a Basic password', '/metrics', { Authorization: `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}` }],
    ['it under another scheme', '/metrics', { Authorization: `Token ${TOKEN}` }],
    ['an empty bearer', '/metrics', { Authorization: 'Bearer ' }],
    ['it to the proxy', '/metrics', { 'Proxy-Authorization': `Bearer ${TOKEN}` }],
    [
      'it in a header of its own',
      '/metrics',
      { 'X-Token': TOKEN, 'X-Auth-Token': TOKEN, 'X-Api-Key': TOKEN, Token: TOKEN },
    ],
    ['it as a cookie', '/metrics', { Cookie: `token=${TOKEN}` }],
    ['it as the session', '/metrics', { Cookie: 'PORT' }],
    ['it in the referrer', '/metrics', { Referer: `http://localhost/?token=${TOKEN}` }],
    ['it as part of the path', `/metrics/${TOKEN}`, {}],
    ['it as a path parameter', `/metrics;token=${TOKEN}`, {}],
    ['it as a fragment', `/metrics#token=${TOKEN}`, {}],
    ['it under another name', `/metrics?Token=${TOKEN}&access_token=${TOKEN}&t=${TOKEN}`, {}],
    ['two of them in the address', `/metrics?token=${TOKEN}&token=${TOKEN}`, {}],
    ['a wrong one and it in the address', `/metrics?token=x&token=${TOKEN}`, {}],
    ['it as a list', `/metrics?token[]=${TOKEN}`, {}],
    ['an empty one', '/metrics?token=', {}],
    [
      'it in the address with a bearer that is wrong',
      `/metrics?token=${TOKEN}`,
      { Authorization: 'Bearer wrong-wrong-wrong' },
    ],
    ['it at an address that could lead elsewhere', `//evil.example/?token=${TOKEN}`, {}],
    ['it at another such address', `/\\evil.example/?token=${TOKEN}`, {}],
    ['it behind a percent sign', `/%2f%2fevil.example/?token=${TOKEN}`, {}],
    ['it with a line break', `/metrics?token=${TOKEN}%0d%0a`, {}],
    ['it with a NUL', `/metrics?token=${TOKEN}%00`, {}],
  ])('but %s nobody gets in', async (_what, path, headers) => {
    const Cookie = `hotpath-dashboard-${served.port}=${TOKEN}`;
    const sent: Record<string, string> =
      'Cookie' in headers && headers.Cookie === 'PORT' ? { Cookie } : ({ ...headers } as never);
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
    const reply = await sendRaw(
      served.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}Connection: close\r\n\r\n`,
    );
    expect([400, 401]).toContain(statusOf(reply));
    expect(reply).not.toContain('up 1');
    expect(reply.toLowerCase()).not.toMatch(/^(?:set-cookie|location):/m);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('%s gets no further either', async (method) => {
    expect((await send(served.port, '/', { method })).status).toBe(401);
    expect((await send(served.port, `/profile?token=${TOKEN}`, { method })).status).toBe(401);
    const body = JSON.stringify({ token: TOKEN });
    expect(
      (await send(served.port, '/profile', { method, body, headers: { 'Content-Type': 'application/json' } })).status,
    ).toBe(401);
  });

  it('nothing tells whether a path exists', async () => {
    const replies = await Promise.all(
      ['/', '/metrics', '/nothing', '/profiles/x'].map((path) => send(served.port, path)),
    );
    expect(new Set(replies.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
  });
});

describe('with the token', () => {
  const Authorization = `Bearer ${TOKEN}`;
  const raw = (line: string, headers: string): Promise<string> =>
    sendRaw(served.port, `${line}\r\n${headers}Authorization: ${Authorization}\r\nConnection: close\r\n\r\n`);

  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example',
    'evil.example#localhost',
    'user@localhost',
    '',
  ])('a request to the name %j is refused: the name was rebound to this address', async (host) => {
    const reply = await raw('GET /metrics HTTP/1.1', `Host: ${host.replace('PORT', `${served.port}`)}\r\n`);
    expect([400, 403]).toContain(statusOf(reply));
  });

  it('a request without a name, or with two, is refused', async () => {
    expect(statusOf(await raw('GET /metrics HTTP/1.1', ''))).toBe(400);
    expect([400, 403]).toContain(
      statusOf(await raw('GET /metrics HTTP/1.1', 'Host: localhost\r\nHost: evil.example\r\n')),
    );
    expect(statusOf(await raw('GET /metrics HTTP/1.0', ''))).toBe(403);
  });

  it.each([
    'http://localhost/metrics',
    'http://evil.example/metrics',
    'https://localhost/',
    'file:///etc/passwd',
    '*',
    'metrics',
  ])('the request target %s is refused', async (target) => {
    expect(statusOf(await raw(`GET ${target} HTTP/1.1`, 'Host: localhost\r\n'))).toBe(400);
  });

  it('more headers than are kept are refused: the last of them are not seen', async () => {
    const reply = await raw(
      'GET /metrics HTTP/1.1',
      `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n${'a: b\r\n'.repeat(64)}`,
    );
    expect(statusOf(reply)).toBe(431);
  });

  it('two authorizations are none', async () => {
    const reply = await raw('GET /metrics HTTP/1.1', 'Host: localhost\r\nAuthorization: Bearer wrong-wrong-wrong\r\n');
    expect(statusOf(reply)).toBe(401);
  });

  it('a page of another site, or of another port of this machine, reads and starts nothing', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const headers = { Authorization, 'Sec-Fetch-Site': site, 'Content-Type': 'application/json' };
      expect((await send(served.port, '/report.json', { headers })).status).toBe(403);
      expect((await send(served.port, '/events', { headers })).status).toBe(403);
      expect((await send(served.port, '/profile', { method: 'POST', headers, body: '{}' })).status).toBe(403);
    }
  });

  it.each([
    '..%2f..%2fetc%2fpasswd',
    '..%252f..%252fetc%252fpasswd',
    '../../../etc/passwd',
    '..%5c..%5cwindows',
    '%2e%2e/%2e%2e/etc',
    '....//....//etc/passwd',
    '/etc/passwd',
    'cpu-1700005800000.cpuprofile%00.txt',
    '..%c0%af..%c0%afetc',
    '\\..\\..\\etc',
  ])('the file %s is not there', async (file) => {
    expect(statusOf(await raw(`GET /profiles/${file} HTTP/1.1`, 'Host: localhost\r\n'))).toBe(404);
    expect(readProfile).not.toHaveBeenCalled();
  });
});

describe('failed attempts', () => {
  it('are counted by peer, and forgotten after a minute', () => {
    const failed = new FailedAttempts();
    for (let i = 0; i < 20; i++) failed.add('a', i);
    expect(failed.waitMs('a', 20)).toBe(59_980);
    expect(failed.waitMs('b', 20)).toBe(0);
    expect(failed.waitMs('a', 60_000)).toBe(0);
    failed.add('a', 60_000);
    expect(failed.waitMs('a', 60_001)).toBe(0);
  });

  it('from any number of peers take bounded memory, and are not unbounded together', () => {
    const failed = new FailedAttempts();
    for (let i = 0; i < 100_000; i++) failed.add(`peer ${i}`, 0);
    expect(failed.size).toBeLessThanOrEqual(1_001);
    expect(failed.waitMs('a new peer', 1)).toBeGreaterThan(0);
    expect(failed.waitMs('a new peer', 60_000)).toBe(0);
    failed.add('a new peer', 60_000);
    expect(failed.size).toBe(1);
  });
});

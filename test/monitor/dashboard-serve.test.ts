import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServedDashboard } from '../../src/monitor/dashboard/serve.js';
import { DashboardWorld, type Reply, send, sendRaw, statusOf } from './dashboard-world.js';
import { TestEventSource } from './event-source.js';

let world: DashboardWorld;
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(() => world.close());

/** What a browser does with the address: follows the redirect with the cookie that it was given. */
async function openInBrowser(
  { port, token }: ServedDashboard,
  path = '/',
): Promise<{ redirect: Reply; cookie: string }> {
  const redirect = await send(port, `${path}?token=${token}`);
  const cookie = redirect.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { redirect, cookie };
}

/** As short as a token may be that somebody chose. */
const SHORT = 'correct-horse-16';

describe('a served dashboard', () => {
  it('is on a free port of the loopback interface, behind a token of 256 random bits', async () => {
    const [one, other] = [await world.served(), await world.served()];
    expect(one.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(one.token).not.toBe(other.token);
    expect(one.port).not.toBe(other.port);
    expect(one.url).toBe(`http://127.0.0.1:${one.port}/?token=${one.token}`);
  });

  it('takes the token as a bearer', async () => {
    const { port, token } = await world.served();
    expect(await send(port, '/metrics', { headers: { Authorization: `Bearer ${token}` } })).toMatchObject({
      status: 200,
      body: 'up 1\n',
    });
    expect((await send(port, '/metrics', { headers: { Authorization: `bearer  ${token} ` } })).status).toBe(200);
  });

  it('exchanges the token in the address for a cookie that scripts and other sites can not use', async () => {
    const served = await world.served();
    const { redirect, cookie } = await openInBrowser(served);
    expect(redirect).toMatchObject({ status: 303, headers: { location: './', 'referrer-policy': 'no-referrer' } });
    const [name, value] = cookie.split('=');
    expect(name).toBe(`hotpath-dashboard-${served.port}`);
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(redirect)).not.toContain(served.token);
    expect(redirect.headers['set-cookie']![0]!.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=43200',
      'Path=/',
      'SameSite=Strict',
    ]);
    for (const path of ['/', '/metrics', '/report.json']) {
      expect((await send(served.port, path, { headers: { Cookie: cookie } })).status).toBe(200);
      expect((await send(served.port, path, { headers: { Cookie: `a=b; ${cookie};c=d` } })).status).toBe(200);
    }
    const source = await TestEventSource.open(served.port, '/events', { Cookie: cookie });
    expect((await source.next())?.name).toBe('snapshot');
    source.close();
  });

  it('keeps what else stands in the address', async () => {
    const { port, token } = await world.served();
    const { headers } = await send(port, `/series.json?q=a%20b&token=${token}&x=%26`);
    expect(headers.location).toBe('./series.json?q=a+b&x=%26');
  });

  it('opens another session each time the address is opened, and takes the token away from one who has a session', async () => {
    const served = await world.served();
    const { cookie } = await openInBrowser(served);
    expect((await openInBrowser(served)).cookie).not.toBe(cookie);
    const again = await send(served.port, `/?token=${served.token}`, { headers: { Cookie: cookie } });
    expect(again).toMatchObject({ status: 303, headers: { location: './' } });
    expect(again.headers).not.toHaveProperty('set-cookie');
  });

  it('lets sessions last twelve hours, and the token longer', async () => {
    const served = await world.served();
    const { cookie } = await openInBrowser(served);
    const hour = 3_600_000;
    world.clock.advance(12 * hour - 1);
    expect((await send(served.port, '/', { headers: { Cookie: cookie } })).status).toBe(200);
    world.clock.advance(1);
    expect((await send(served.port, '/', { headers: { Cookie: cookie } })).status).toBe(401);
    expect((await openInBrowser(served)).redirect.status).toBe(303);
  });

  it('keeps 100 sessions: the next one ends the oldest', async () => {
    const served = await world.served();
    const cookies: string[] = [];
    for (let i = 0; i < 101; i++) cookies.push((await openInBrowser(served)).cookie);
    const statuses = await Promise.all(
      [cookies[0]!, cookies[1]!, cookies[100]!].map((Cookie) => send(served.port, '/metrics', { headers: { Cookie } })),
    );
    expect(statuses.map(({ status }) => status)).toEqual([401, 200, 200]);
  });

  it('never locks out whoever holds a token that can not be guessed', async () => {
    for (const options of [{}, { token: 'x'.repeat(32) }]) {
      const served = await world.served(options);
      const bearer = (token: string): Promise<Reply> =>
        send(served.port, '/metrics', { headers: { Authorization: `Bearer ${token}` } });
      for (let i = 0; i < 40; i++) expect((await bearer('wrong-wrong-wrong')).status).toBe(401);
      expect((await bearer(served.token)).status).toBe(200);
    }
  });

  it('spends no attempt on what pages of other sites make a browser send', async () => {
    const served = await world.served({ token: SHORT });
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' };
    for (let i = 0; i < 40; i++) expect((await send(served.port, `/?token=wrong${i}`, { headers })).status).toBe(403);
    const right = { headers: { Authorization: `Bearer ${SHORT}` } };
    expect((await send(served.port, '/metrics', right)).status).toBe(200);
  });

  it('refuses all tokens for a minute after twenty wrong ones where it could be guessed, sessions excepted', async () => {
    const served = await world.served({ token: SHORT });
    const { cookie } = await openInBrowser(served);
    const guess = (): Promise<Reply> =>
      send(served.port, '/', { headers: { Authorization: 'Bearer wrong-wrong-wrong' } });
    for (let i = 0; i < 20; i++) expect((await guess()).status).toBe(401);
    expect(await guess()).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect((await openInBrowser(served)).redirect.status).toBe(429);
    expect((await send(served.port, '/', { headers: { Authorization: `Bearer ${served.token}` } })).status).toBe(429);
    expect((await send(served.port, '/', { headers: { Cookie: cookie } })).status).toBe(200);
    expect((await send(served.port, '/')).status).toBe(401);
    world.clock.advance(60_000);
    expect((await openInBrowser(served)).redirect.status).toBe(303);
    expect((await guess()).status).toBe(401);
  });

  it('refuses 401 a browser that shows nothing, and says what would help', async () => {
    const { port } = await world.served();
    for (let i = 0; i < 30; i++) {
      expect(await send(port, '/')).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
  });

  it('has a browser that followed a link from elsewhere ask once more, with its cookie', async () => {
    const { port } = await world.served();
    const followed = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    const { status, body } = await send(port, '/', { headers: followed });
    expect({ status, body }).toEqual({ status: 401, body: expect.stringContaining('http-equiv="refresh"') });
    const again = await send(port, '/', { headers: { ...followed, 'Sec-Fetch-Site': 'same-origin' } });
    expect(again.body).not.toContain('refresh');
    expect((await send(port, '/events', { headers: { 'Sec-Fetch-Site': 'cross-site' } })).body).not.toContain(
      'refresh',
    );
  });

  it.each(['localhost', '127.0.0.1', '[::1]', 'localhost:8080', 'LOCALHOST'])(
    'answers to the name %s',
    async (Host) => {
      const { port, token } = await world.served();
      expect((await send(port, '/metrics', { headers: { Host, Authorization: `Bearer ${token}` } })).status).toBe(200);
    },
  );

  it('answers to the names that were allowed, at any port, and to no others', async () => {
    const { port, token } = await world.served({ allowedHosts: ['ops.example.com', 'Other.example:9000'] });
    const status = async (Host: string): Promise<number> =>
      (await send(port, '/metrics', { headers: { Host, Authorization: `Bearer ${token}` } })).status;
    expect(await status('ops.example.com')).toBe(200);
    expect(await status('OPS.example.com:443')).toBe(200);
    expect(await status('other.example')).toBe(200);
    expect(await status('evil.ops.example.com')).toBe(403);
    expect(await status('ops.example.com.evil')).toBe(403);
    expect(await status('10.0.0.1')).toBe(403);
  });

  it('on all addresses still asks for the token', async () => {
    const { port, token, url } = await world.served({ host: '0.0.0.0' });
    expect(url).toBe(`http://127.0.0.1:${port}/?token=${token}`);
    expect((await send(port, '/metrics')).status).toBe(401);
    expect((await send(port, '/metrics', { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('takes a token of the host', async () => {
    const { url, port } = await world.served({ token: 'our own & token=16'.replaceAll(' ', '_') });
    expect(url).toBe(`http://127.0.0.1:${port}/?token=our_own_%26_token%3D16`);
    expect((await send(port, new URL(url).search.replace('?', '/?'))).status).toBe(303);
  });

  it.each([
    [
      { token: 'fifteen-letters' },
      'token must be 16 to 256 visible ASCII characters without spaces, got "15 characters"',
    ],
    [{ token: 'with a space in the middle' }, 'token must be'],
    [{ token: 'x'.repeat(257) }, 'token must be'],
    [{ token: 'umlaute-äöü-in-it' }, 'token must be'],
    [{ token: 12_345 as never }, 'token must be'],
    [{ port: -1 }, 'port must be an integer from 0 to 65535, got -1'],
    [{ port: 65_536 }, 'port must be'],
    [{ port: '80' as never }, 'port must be'],
    [{ host: '' }, 'host must be'],
    [{ host: 7 as never }, 'host must be'],
    [{ allowedHosts: 'ops.example.com' as never }, 'allowedHosts must be an array of names'],
    [{ allowedHosts: ['http://ops.example.com'] }, 'allowedHosts must be names'],
    [{ allowedHosts: ['*'] }, 'allowedHosts must be names'],
  ])('refuses the options %j', async (options, message) => {
    const served = world.served(options);
    await expect(served).rejects.toThrow(message);
    await expect(served).rejects.not.toThrow('with a space in the middle');
  });

  it('says so when the port is taken', async () => {
    const { port } = await world.served();
    await expect(world.served({ port })).rejects.toMatchObject({
      code: 'DASHBOARD_NOT_SERVED',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  it('is one token per server: that of another is worth nothing', async () => {
    const [one, other] = [await world.served(), await world.served()];
    const { cookie } = await openInBrowser(one);
    const renamed = cookie.replace(String(one.port), String(other.port));
    expect((await send(other.port, '/', { headers: { Cookie: renamed } })).status).toBe(401);
    expect((await send(other.port, '/', { headers: { Authorization: `Bearer ${one.token}` } })).status).toBe(401);
  });

  it('lets the host ask for the dashboard in HTTP/1.0 and through a proxy, with the token', async () => {
    const { port, token } = await world.served();
    const request = `GET /metrics HTTP/1.0\r\nHost: localhost\r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    expect(statusOf(await sendRaw(port, request))).toBe(200);
  });
});

describe('its connections', () => {
  it('are let go when nothing passes for longer than a profile takes', async () => {
    const timeouts: number[] = [];
    const seen = (message: unknown): void => {
      timeouts.push((message as { server: { timeout: number } }).server.timeout);
    };
    subscribe('http.server.request.start', seen);
    const { port } = await world.served();
    await send(port, '/');
    unsubscribe('http.server.request.start', seen);
    expect(timeouts).toEqual([90_000]);
  });
});

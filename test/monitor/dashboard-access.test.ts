import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loopbackRefusal } from '../../src/monitor/dashboard/authorization.js';
import { flushMicrotasks } from '../manual-clock.js';
import { DashboardWorld, send, sendRaw, statusOf } from './dashboard-world.js';

let world: DashboardWorld;
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(() => world.close());

/** A request as Node would hand it over. */
function requestFrom(
  remoteAddress: string | undefined,
  headers: Record<string, string>,
  version = [1, 1],
): IncomingMessage {
  return {
    socket: { remoteAddress },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: Object.entries(headers).flat(),
    httpVersionMajor: version[0],
    httpVersionMinor: version[1],
  } as unknown as IncomingMessage;
}

describe('a dashboard without authorize', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('answers the peer %s', (peer) => {
    expect(loopbackRefusal(requestFrom(peer, { Host: 'localhost:3000' }))).toBeUndefined();
  });

  it.each([
    ...[
      '192.168.1.5',
      '10.0.0.1',
      '8.8.8.8',
      '::ffff:10.0.0.1',
      'fe80::1',
      '::',
      '0.0.0.0',
      '1127.0.0.1',
      '127.0.0.1.evil',
    ],
    ...['::1%eth0', '', undefined],
  ])('refuses the peer %s', (peer) => {
    expect(loopbackRefusal(requestFrom(peer, { Host: 'localhost:3000' }))).toContain('this machine');
  });

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:65535', '[::1]', '[::1]:3000', '127.1.2.3:80'])(
    'answers to the name %s',
    (host) => {
      expect(loopbackRefusal(requestFrom('127.0.0.1', { Host: host }))).toBeUndefined();
    },
  );

  it.each([
    ...[
      'evil.example',
      'evil.example:3000',
      'localhost.evil.example',
      'evil-localhost',
      '127.0.0.1.nip.io',
      '127.0.0.1.evil',
    ],
    ...[
      'localhost@evil.example',
      'evil.example@localhost',
      'localhost:3000:1',
      'localhost, evil.example',
      'localhost evil',
      '',
    ],
    ...[
      '::1',
      '[::1',
      '[::2]',
      '[::ffff:10.0.0.1]',
      '0.0.0.0',
      '2130706433',
      '0x7f.1',
      'localhost:',
      'localhost/',
      'http://localhost',
    ],
  ])('refuses the name %j: a rebound DNS name is not ours', (host) => {
    expect(loopbackRefusal(requestFrom('127.0.0.1', { Host: host }))).toContain('localhost');
  });

  it('refuses a request without a name, and one with two', () => {
    expect(loopbackRefusal(requestFrom('127.0.0.1', {}))).toContain('localhost');
    expect(loopbackRefusal(requestFrom('127.0.0.1', { Host: 'localhost', host: 'evil.example' }))).toContain(
      'localhost',
    );
    expect(loopbackRefusal(requestFrom('127.0.0.1', { Host: 'localhost', host: 'localhost' }))).toContain('localhost');
  });

  it('answers over HTTP/2, which has no Host header', () => {
    expect(loopbackRefusal(requestFrom('127.0.0.1', { ':authority': 'localhost:3000' }, [2, 0]))).toBeUndefined();
    expect(loopbackRefusal(requestFrom('127.0.0.1', { ':authority': 'evil.example' }, [2, 0]))).toContain('localhost');
  });

  it.each([
    ...['Forwarded', 'X-Forwarded-For', 'x-forwarded-for', 'X-Real-IP', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'Via'],
    ...['CF-Connecting-IP', 'True-Client-IP'],
  ])('refuses what came through a proxy, told by %s', async (name) => {
    const { port } = await world.mounted();
    const reply = await send(port, '/metrics', { headers: { [name]: '127.0.0.1' } });
    expect(reply.status).toBe(403);
    expect(reply.body).toContain('proxy');
    expect((await send(port, '/metrics', { headers: { [name]: '' } })).status).toBe(403);
  });

  it('refuses HTTP/1.0, in which proxies speak that say nothing of themselves', async () => {
    const { port } = await world.mounted();
    const reply = await sendRaw(port, 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n');
    expect(statusOf(reply)).toBe(403);
  });

  it('refuses more headers than it can be sure to have seen all of', async () => {
    const { port } = await world.mounted();
    const padding = Array.from({ length: 2_100 }, () => 'a:b\r\n').join('');
    const through = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${padding}X-Forwarded-For: 1.2.3.4\r\n\r\n`;
    expect(statusOf(await sendRaw(port, through))).toBe(403);
  });

  it('refuses on every path and by every method, existing or not', async () => {
    const profile = vi.fn(async () => ({}));
    const { port } = await world.mounted({ profile });
    const headers = { Host: 'evil.example', 'Content-Type': 'application/json' };
    for (const path of ['/', '/events', '/metrics', '/report.json', '/series.json', '/profiles/x', '/nothing']) {
      expect((await send(port, path, { headers })).status).toBe(403);
    }
    expect((await send(port, '/profile', { method: 'POST', headers, body: '{}' })).status).toBe(403);
    expect((await send(port, '/', { method: 'DELETE', headers })).status).toBe(403);
    expect(profile).not.toHaveBeenCalled();
  });

  it('lets pages of other sites link to its page, and neither read nor embed anything', async () => {
    const { port } = await world.mounted();
    for (const site of ['cross-site', 'same-site']) {
      const status = async (path: string, mode: string, dest: string): Promise<number> => {
        const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest };
        return (await send(port, path, { headers })).status;
      };
      for (const path of ['/', '/events', '/report.json', '/metrics', '/series.json', '/profiles/a']) {
        expect(await status(path, 'no-cors', 'image')).toBe(403);
        for (const dest of ['iframe', 'frame', 'embed', 'object'])
          expect(await status(path, 'navigate', dest)).toBe(403);
        expect(await status(path, 'navigate', 'document')).toBe(path === '/' ? 200 : 403);
      }
    }
    expect((await send(port, '/metrics', { headers: { 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(200);
  });

  it('does no work for what other sites embed', async () => {
    const prometheus = vi.fn(() => '');
    const { port } = await world.mounted({ prometheus });
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' };
    await send(port, '/metrics', { headers });
    expect(prometheus).not.toHaveBeenCalled();
  });
});

describe('a dashboard with authorize', () => {
  it('answers whom it says, from wherever they come', async () => {
    const { port } = await world.mounted({ authorize: (req) => req.headers['x-user'] === 'ann' });
    const headers = { Host: 'ops.example.com', 'X-Forwarded-For': '1.2.3.4' };
    expect((await send(port, '/metrics', { headers: { ...headers, 'X-User': 'ann' } })).status).toBe(200);
    expect((await send(port, '/metrics', { headers: { ...headers, 'X-User': 'bob' } })).status).toBe(403);
    expect((await send(port, '/metrics')).status).toBe(403);
  });

  it('waits for a promise', async () => {
    const { port } = await world.mounted({ authorize: async () => true });
    expect((await send(port, '/metrics')).status).toBe(200);
    const refusing = await world.mounted({ authorize: async () => false });
    expect((await send(refusing.port, '/metrics')).status).toBe(403);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no session store');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no session store'))],
    ['answers with a user', () => ({ user: 'ann' }) as never],
    ['answers with a promise of a user', async () => 'ann' as never],
    ['answers with nothing', () => undefined as never],
    ['answers with 1', () => 1 as never],
  ])('refuses when it %s', async (what, authorize) => {
    const { port } = await world.mounted({ authorize });
    const reply = await send(port, '/metrics');
    expect(reply).toMatchObject({ status: 403, body: 'not authorized\n' });
    expect(world.warnings).toHaveLength(what === 'throws' || what === 'rejects' ? 1 : 0);
  });

  it('refuses when it takes longer than five seconds, and does not let in later', async () => {
    let decide: (allowed: boolean) => void = () => {};
    const decision = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    let wasAsked: () => void = () => {};
    const whenAsked = new Promise<void>((resolve) => {
      wasAsked = resolve;
    });
    const { port } = await world.mounted({
      authorize: () => {
        wasAsked();
        return decision;
      },
    });
    const reply = send(port, '/metrics');
    await whenAsked;
    await flushMicrotasks();
    world.advance(5_000);
    decide(true);
    expect((await reply).status).toBe(403);
    expect(world.warnings).toHaveLength(1);
  });

  it('must be a function', () => {
    expect(() => world.dashboard({ authorize: 'yes' as never })).toThrow('authorize must be a function, got "yes"');
  });

  it('is asked before anything else is looked at', async () => {
    const { port } = await world.mounted({ authorize: () => false });
    expect((await send(port, '/nothing')).status).toBe(403);
    expect((await send(port, '/', { method: 'DELETE' })).status).toBe(403);
  });
});

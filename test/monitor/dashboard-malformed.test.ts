import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { connect, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServedDashboard } from '../../src/monitor/dashboard/serve.js';
import { SeededRandom, seedOf } from '../random.js';
import { DashboardWorld, received, send, sendAndEnd, sendRaw, statusOf } from './dashboard-world.js';

const TOKEN = 'a-token-of-the-test';

let world: DashboardWorld;
let served: ServedDashboard;
beforeEach(async () => {
  world = new DashboardWorld();
  served = await world.served({ token: TOKEN }, { profile: async () => ({}) });
});
afterEach(async () => {
  // Whatever was sent, the server is there, and answers whom it should.
  expect((await send(served.port, '/metrics', { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
  expect(world.warnings).toEqual([]);
  await world.close();
});

describe('what is no proper request', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(80, '\x00')],
    ['a line break in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nY\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: localhost\r\n: value\r\n\r\n'],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: localhost\r\n evil.example\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    ['an unknown version', 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n'],
    ['an unknown method', 'EVIL / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a header of 17 kB', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
    ['a target of 17 kB', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['64 headers', `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${'a: b\r\n'.repeat(64)}\r\n`],
  ])('such as %s is answered with 4xx or not at all', async (_what, bytes) => {
    const reply = await sendRaw(served.port, bytes);
    expect(reply === '' || /^HTTP\/1\.1 4\d\d /.test(reply)).toBe(true);
  });

  it('such as CONNECT or an upgrade opens nothing', async () => {
    const connectReply = await sendRaw(
      served.port,
      'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
    );
    expect(statusOf(connectReply)).not.toBe(200);
    const upgrade = `GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`;
    const socket = connect(served.port, '127.0.0.1');
    socket.write(upgrade);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(statusOf(first.toString('latin1'))).toBe(401);
    socket.destroy();
  });

  it('smuggled behind another one is judged by itself', async () => {
    const first = `GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`;
    const second = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const reply = await sendRaw(served.port, first + second);
    expect(reply.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
  });

  it('such as one that never ends is cut off', async () => {
    const listening = vi.spyOn(Server.prototype, 'listen');
    const { port } = await world.served({ token: TOKEN });
    const server = listening.mock.contexts.at(-1) as HttpServer;
    listening.mockRestore();
    expect(server.headersTimeout).toBeLessThanOrEqual(10_000);
    expect(server.requestTimeout).toBeLessThanOrEqual(15_000);
    // Node looks every two seconds: the test need not wait for longer.
    server.headersTimeout = 100;
    server.requestTimeout = 200;
    const [silent, headers, body] = [
      connect(port, '127.0.0.1'),
      connect(port, '127.0.0.1'),
      connect(port, '127.0.0.1'),
    ];
    headers.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const dripping = setInterval(() => headers.write('X-A: b\r\n'), 50);
    const start = `POST /profile HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    body.write(`${start}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{`);
    const replies = await Promise.all([silent, headers, body].map(received));
    clearInterval(dripping);
    for (const reply of replies) expect(reply).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/);
  });

  it('of any random kind gets nothing, and breaks nothing', async () => {
    const random = new SeededRandom(seedOf('dashboard requests'));
    const pieces = [
      ...[
        'GET',
        'POST',
        'HEAD',
        ' ',
        '/',
        '/metrics',
        '/events',
        '?token=',
        'x',
        ' HTTP/1.1',
        ' HTTP/1.0',
        '\r\n',
        '\n',
        '\r',
        ': ',
      ],
      ...[
        'Host: localhost',
        'Authorization: Bearer ',
        'Cookie: ',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        '5\r\nabcde',
      ],
      ...[
        '\r\n\r\n',
        '\0',
        '\xff',
        '%00',
        '\t',
        ',',
        ';',
        '0\r\n\r\n',
        'Expect: 100-continue',
        'Connection: close',
        'http://localhost/',
      ],
    ];
    const requests = Array.from({ length: 200 }, () => {
      const start = random.chance(0.5) ? 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n' : '';
      return start + Array.from({ length: 1 + random.below(12) }, () => random.pick(pieces)).join('');
    });
    for (let i = 0; i < requests.length; i += 20) {
      const replies = requests.slice(i, i + 20).map((request) => sendAndEnd(served.port, request));
      for (const reply of await Promise.all(replies)) {
        expect(reply).not.toContain('up 1');
        for (const [, status] of reply.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) expect(status).toMatch(/^(?:100|4\d\d)$/);
      }
    }
  });

  it('on more than a hundred connections at once reaches a hundred', async () => {
    const sockets = Array.from({ length: 130 }, () => connect(served.port, '127.0.0.1'));
    let closed = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('close', () => closed++);
    }
    await vi.waitFor(() => expect(closed).toBe(30));
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () => expect((await send(served.port, '/')).status).toBe(401));
  });
});

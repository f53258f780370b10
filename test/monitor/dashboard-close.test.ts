import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DashboardWorld, send } from './dashboard-world.js';
import { TestEventSource } from './event-source.js';

let world: DashboardWorld;
beforeEach(async () => {
  world = new DashboardWorld();
  // Those of the test before take a moment to be gone.
  await vi.waitFor(() => expect(holding('TCPServerWrap') + holding('TCPSocketWrap')).toBe(0));
});
afterEach(() => world.close());

/** Servers, and sockets of either side, that keep this process alive. */
function holding(kind: 'TCPServerWrap' | 'TCPSocketWrap'): number {
  return process.getActiveResourcesInfo().filter((name) => name === kind).length;
}

describe('a dashboard and the life of its process', () => {
  it('does not keep it alive when served, unless it is asked to', async () => {
    await world.served();
    expect(holding('TCPServerWrap')).toBe(0);
    await world.served({ keepAlive: true });
    expect(holding('TCPServerWrap')).toBe(1);
  });

  it('does not keep it alive by a page that is left open, mounted or served', async () => {
    const { port } = await world.mounted();
    const served = await world.served();
    const sources = [
      await TestEventSource.open(port, '/events'),
      await TestEventSource.open(served.port, '/events', { Authorization: `Bearer ${served.token}` }),
    ];
    for (const source of sources) expect((await source.next())?.name).toBe('snapshot');
    // Our own ends of the two connections, and none of the other ends.
    expect(holding('TCPSocketWrap')).toBe(2);
    for (const source of sources) source.close();
  });

  it('does not keep it alive by a connection that a client of a served one holds on to', async () => {
    const { port } = await world.served();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    // Our own end.
    expect(holding('TCPSocketWrap')).toBe(1);
    socket.destroy();
  });

  it('leaves the sockets of other requests of the host as they are', async () => {
    const { port } = await world.mounted();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'data');
    expect(holding('TCPSocketWrap')).toBe(2);
    socket.destroy();
  });

  it("closes the connection of a stream with it, so that no unref'd socket serves the host later", async () => {
    const { port, dashboard } = await world.mounted();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    // Else it would be kept for the next request.
    expect(first.toString('latin1').toLowerCase()).toContain('connection: close');
    await dashboard.close();
    socket.resume();
    await once(socket, 'close');
  });
});

describe('close of a served dashboard', () => {
  it('ends streams, idle connections and unfinished requests at once, and leaves no handle behind', async () => {
    const served = await world.served({ keepAlive: true }, { profile: () => new Promise(() => {}) });
    const Authorization = `Bearer ${served.token}`;
    const source = await TestEventSource.open(served.port, '/events', { Authorization });
    await source.next();
    const idle = connect(served.port, '127.0.0.1');
    await once(idle, 'connect');
    const kept = connect(served.port, '127.0.0.1');
    kept.write(`GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${Authorization}\r\n\r\n`);
    await once(kept, 'data');
    const headers = { Authorization, 'Content-Type': 'application/json' };
    const waiting = send(served.port, '/profile', { method: 'POST', headers, body: '{}' }).catch(
      (error: Error) => error,
    );
    for (const socket of [idle, kept]) socket.on('error', () => {}).resume();
    // Four connections with two ends, less the stream's, which holds nothing.
    await vi.waitFor(() => expect(holding('TCPSocketWrap')).toBe(7));
    await Promise.all([served.close(), served.close()]);
    expect(await source.next()).toBeUndefined();
    expect(await waiting).toBeInstanceOf(Error);
    await vi.waitFor(() => expect(holding('TCPServerWrap') + holding('TCPSocketWrap')).toBe(0));
    expect(world.clock.pendingTimers).toBe(0);
    await expect(send(served.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('comes with the end of a block', async () => {
    let port: number;
    {
      await using served = await world.served();
      ({ port } = served);
      expect((await send(port, '/')).status).toBe(401);
    }
    await expect(send(port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('frees the port for the next one', async () => {
    const { port, close } = await world.served();
    await close();
    expect((await world.served({ port })).port).toBe(port);
  });
});

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyDelta } from '../../src/monitor/dashboard/apply-delta.js';
import { FiguresBook } from '../../src/monitor/dashboard/figures-book.js';
import type { DashboardDelta, DashboardSnapshot } from '../../src/monitor/dashboard/snapshot.js';
import { DashboardWorld, send } from './dashboard-world.js';
import { TestEventSource } from './event-source.js';
import { snapshotOf } from './snapshot-of.js';

let world: DashboardWorld;
const sources: TestEventSource[] = [];
beforeEach(() => {
  world = new DashboardWorld();
});
afterEach(async () => {
  for (const source of sources.splice(0)) source.close();
  await world.close();
});

async function listen(port: number, path = '/events'): Promise<TestEventSource> {
  const source = await TestEventSource.open(port, path);
  sources.push(source);
  return source;
}

describe('the event stream', () => {
  it('begins with how soon to come back and the whole snapshot', async () => {
    const { port } = await world.mounted();
    const source = await listen(port);
    expect(source).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    expect(source.headers['cache-control']).toBe('no-store, no-transform');
    expect(await source.nextOf('snapshot')).toEqual(snapshotOf(world.reader));
    expect(source.fields).toEqual(['retry: 2000']);
  });

  it('shows window and series as asked for', async () => {
    const { port } = await world.mounted();
    for (let i = 0; i < 25; i++)
      world.reader.add(
        `extra-${i}`,
        'count',
        Array.from({ length: 300 }, () => 1),
      );
    const source = await listen(port, '/events?window=1h&series=prompt_bytes,similarity');
    const snapshot = await source.nextOf<DashboardSnapshot>('snapshot');
    expect(snapshot).toMatchObject({ windowMs: 3_600_000, pointMs: 60_000 });
    expect(snapshot.shown.slice(-2)).toEqual(['prompt_bytes', 'similarity']);
    const longer = await listen(port, '/events?window=7d&series=a&series=b');
    expect(await longer.nextOf('snapshot')).toMatchObject({ windowMs: 3_600_000 });
  });

  it.each([
    ['window=soon', 'window'],
    ['window=0', 'window'],
    ['window=-5m', 'window'],
    ['window=', 'window'],
    [`series=${Array.from({ length: 11 }, (_, i) => `s${i}`)}`, 'series'],
    [`series=${'x'.repeat(201)}`, 'series'],
  ])('is refused with 400 for %s', async (query, option) => {
    const { port } = await world.mounted();
    const reply = await send(port, `/events?${query}`);
    expect(reply.status).toBe(400);
    expect(reply.body).toContain(`${option} must be`);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('tells once a second what has changed, and the time even if nothing has', async () => {
    const { port } = await world.mounted();
    const source = await listen(port);
    let state = await source.nextOf<DashboardSnapshot>('snapshot');
    world.reader.add('request', 'ms', [123.456], { cache: 'hit' }, world.reader.time + 1);
    world.reader.running = { request: 9 };
    world.advance(1_000);
    const delta = await source.nextOf<DashboardDelta>('delta');
    expect(delta).toMatchObject({ at: world.reader.time, inFlight: 9 });
    expect(delta.series?.find(({ name }) => name === 'request')).toMatchObject({ count: 616 });
    for (const part of ['alerts', 'marks', 'profiles', 'attachments', 'troubles', 'slowest'])
      expect(delta).not.toHaveProperty(part);
    state = applyDelta(state, delta);
    for (let i = 0; i < 10; i++) {
      world.advance(1_000);
      state = applyDelta(state, await source.nextOf<DashboardDelta>('delta'));
      expect(state.at).toBe(world.reader.time);
    }
    expect(state.series[0]!.stats).toEqual(snapshotOf(world.reader).series[0]!.stats);
  });

  it('shows an alert that begins to fire within a second', async () => {
    const { port } = await world.mounted();
    const source = await listen(port);
    await source.nextOf('snapshot');
    world.reader.alertStatuses = world.reader.alertStatuses.map((alert) => ({ ...alert, state: 'firing' as const }));
    world.advance(1_000);
    const { alerts } = await source.nextOf<DashboardDelta>('delta');
    expect(new Set(alerts?.map(({ state }) => state))).toEqual(new Set(['firing']));
  });

  it('runs one timer for all who listen, and none while nobody does', async () => {
    const { port } = await world.mounted();
    expect(world.clock.pendingTimers).toBe(0);
    const first = await listen(port);
    const second = await listen(port);
    await Promise.all([first.nextOf('snapshot'), second.nextOf('snapshot')]);
    expect(world.clock.pendingTimers).toBe(1);
    world.advance(1_000);
    await Promise.all([first.nextOf('delta'), second.nextOf('delta')]);
    expect(world.clock.pendingTimers).toBe(1);
    first.close();
    second.close();
    await vi.waitFor(() => expect(world.clock.pendingTimers).toBe(0));
  });

  it('reads the monitor once a second, however many listen', async () => {
    const { port } = await world.mounted();
    const targets = vi.spyOn(world.reader, 'targets');
    const stats = vi.spyOn(world.reader, 'stats');
    const all = await Promise.all(Array.from({ length: 20 }, () => listen(port)));
    await Promise.all(all.map((source) => source.nextOf('snapshot')));
    expect(targets).toHaveBeenCalledTimes(1);
    const atConnect = stats.mock.calls.length;
    world.advance(1_000);
    await Promise.all(all.map((source) => source.nextOf('delta')));
    expect(targets).toHaveBeenCalledTimes(2);
    expect(stats.mock.calls.length - atConnect).toBeLessThan(atConnect / 2);
  });

  it('turns the 21st away, and takes one again when another leaves', async () => {
    const { port } = await world.mounted();
    const all = await Promise.all(Array.from({ length: 20 }, () => listen(port)));
    const turnedAway = await send(port, '/events');
    expect(turnedAway).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect((await send(port, '/metrics')).status).toBe(200);
    all[0]!.close();
    await vi.waitFor(async () => {
      const source = await listen(port);
      expect(source.status).toBe(200);
    });
  });

  it('does not count those who ask for the headers only', async () => {
    const { port } = await world.mounted();
    for (let i = 0; i < 25; i++) expect((await send(port, '/events', { method: 'HEAD' })).status).toBe(200);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('sends nothing to one that does not read, lets it go after a while, and goes on with the others', async () => {
    world.reader.list = [];
    const { port, server } = await world.mounted();
    const sockets: { writableLength: number; destroyed: boolean }[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    const slow = await listen(port);
    await slow.nextOf('snapshot');
    slow.pause();
    const good = await listen(port);
    await good.nextOf('snapshot');
    const [slowSocket] = sockets;
    let most = 0;
    let deltas = 0;
    // Kernel buffers take some megabytes first.
    for (let i = 0; i < 3_000 && !slowSocket!.destroyed; i++) {
      world.reader.markList = Array.from({ length: 50 }, (_, j) => ({
        ...{ name: `${i} ${j}`.padEnd(120, 'x'), at: world.reader.time },
        metadata: Object.fromEntries(Array.from({ length: 4 }, (_, k) => [`key ${k}`, 'y'.repeat(120)])),
      }));
      world.advance(1_000);
      await good.nextOf('delta');
      deltas++;
      most = Math.max(most, slowSocket!.writableLength);
    }
    expect(slowSocket!.destroyed).toBe(true);
    expect(most).toBeGreaterThan(2 ** 20);
    expect(most).toBeLessThan(2 ** 20 + 100_000);
    world.advance(1_000);
    await good.nextOf('delta');
    expect(deltas).toBeGreaterThan(10);
  });

  it('drops one that does not read its stream to the end once that is over', async () => {
    world.reader.list = [];
    world.reader.markList = Array.from({ length: 50 }, (_, j) => ({
      name: `${j}`,
      at: world.reader.time,
      metadata: Object.fromEntries(Array.from({ length: 4 }, (_, k) => [`key ${k}`, 'y'.repeat(120)])),
    }));
    const { port, server } = await world.mounted();
    const responses: ServerResponse[] = [];
    server.on('request', (_req, res) => responses.push(res));
    const source = await listen(port);
    await source.nextOf('snapshot');
    source.pause();
    const [res] = responses;
    // As if the client had taken nothing of it for long: the rest of the stream waits, and its end behind it.
    const held = vi.spyOn(res!.socket!, '_write').mockImplementation(() => {});
    vi.spyOn(res!.socket!, '_writev').mockImplementation(() => {});
    world.advance(15 * 60_000);
    expect(res).toMatchObject({ writableEnded: true, destroyed: false });
    world.advance(9_000);
    expect(res!.destroyed).toBe(false);
    world.advance(2_000);
    expect(res!.destroyed).toBe(true);
    await vi.waitFor(() => expect(world.clock.pendingTimers).toBe(0));
    held.mockRestore();
  });

  it('works in HTTP/2, and leaves the connection to the requests beside it', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const { handler } = world.dashboard();
    const unref = vi.fn();
    const server = createHttp2Server((req, res) => {
      req.stream.session!.unref = unref;
      handler(req as unknown as IncomingMessage, res as unknown as ServerResponse);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connectHttp2(`http://localhost:${(server.address() as AddressInfo).port}`);
    const stream = session.request({ ':path': '/events' });
    const [headers] = await once(stream, 'response');
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' });
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('event: snapshot');
    const beside = session.request({ ':path': '/metrics' });
    const [answered] = await once(beside, 'response');
    expect(answered).toMatchObject({ ':status': 200 });
    session.destroy();
    await new Promise((resolve) => server.close(resolve));
    process.off('warning', warned);
    expect(unref).not.toHaveBeenCalled();
    expect(warned).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(world.clock.pendingTimers).toBe(0));
  });

  it('ends after a quarter of an hour, so that who comes back has to be let in again', async () => {
    let isAllowed = true;
    world.reader.list = [];
    const { port } = await world.mounted({ authorize: () => isAllowed });
    const source = await listen(port);
    isAllowed = false;
    let events = 0;
    world.advance(15 * 60_000);
    while ((await source.next()) !== undefined) events++;
    expect(events).toBe(15 * 60);
    expect((await send(port, '/events')).status).toBe(403);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('ends when the dashboard is closed', async () => {
    const { port, dashboard } = await world.mounted();
    const source = await listen(port);
    await source.nextOf('snapshot');
    await dashboard.close();
    expect(await source.next()).toBeUndefined();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('does not hold up a host that closes its own server', async () => {
    const { port, server } = await world.mounted();
    const source = await listen(port);
    await source.nextOf('snapshot');
    const closed = once(server, 'close');
    server.close();
    world.advance(1_000);
    await closed;
    expect(await source.next()).toBeUndefined();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('keeps nothing of what pages asked to see once all are gone', async () => {
    const clear = vi.spyOn(FiguresBook.prototype, 'clear');
    const { port } = await world.mounted();
    const one = await listen(port);
    const other = await listen(port, '/events?window=17m');
    for (const source of [one, other]) await source.nextOf('snapshot');
    one.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(clear).not.toHaveBeenCalled();
    other.close();
    await vi.waitFor(() => expect(clear).toHaveBeenCalled());
    clear.mockRestore();
  });

  it('goes on when the monitor fails for a moment, and warns', async () => {
    const { port } = await world.mounted();
    const source = await listen(port);
    await source.nextOf('snapshot');
    const targets = vi.spyOn(world.reader, 'targets').mockImplementation(() => {
      throw new Error('out of order');
    });
    world.advance(3_000);
    expect(world.warnings).toHaveLength(1);
    expect((await send(port, '/events')).status).toBe(500);
    targets.mockRestore();
    world.advance(1_000);
    expect(await source.nextOf<DashboardDelta>('delta')).toMatchObject({ at: world.reader.time });
  });

  it('forgets a browser that left before it was let in', async () => {
    let letIn: (allowed: boolean) => void = () => {};
    let wasAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      wasAsked = resolve;
    });
    const { port, server } = await world.mounted({
      authorize: () =>
        new Promise((resolve) => {
          letIn = resolve;
          wasAsked();
        }),
    });
    const gone = new Promise<void>((resolve) => {
      server.on('request', (_req, res) => res.on('close', resolve));
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await asked;
    socket.destroy();
    await gone;
    letIn(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.warnings).toEqual([]);
    // The deadline of authorize.
    world.advance(5_000);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('sends a delta below 20 kB for a busy monitor with 30 series', async () => {
    for (let i = 0; i < 30; i++) world.reader.add(`operation_${i}`, 'ms', [1.2345, 678.91]);
    const { port } = await world.mounted();
    const source = await listen(port, `/events?series=${Array.from({ length: 10 }, (_, i) => `operation_${i + 20}`)}`);
    await source.next();
    for (let round = 0; round < 12; round++) {
      for (const series of world.reader.list)
        series.samples.push({ at: world.reader.time + 500, value: 12.345 * round });
      world.advance(1_000);
      const { data = '' } = (await source.next()) ?? {};
      expect(data.length).toBeGreaterThan(3_000);
      expect(data.length).toBeLessThan(20_000);
    }
  });
});

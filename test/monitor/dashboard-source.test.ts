import { mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DashboardSource } from '../../src/monitor/dashboard-source.js';
import { DashboardWorld, send } from './dashboard-world.js';
import { TestEventSource } from './event-source.js';

const loading = vi.hoisted(() => ({ fails: false, made: 0, closes: [] as number[] }));
vi.mock('../../src/monitor/dashboard/dashboard.js', async (original) => {
  const real = await original<typeof import('../../src/monitor/dashboard/dashboard.js')>();
  return {
    ...real,
    createDashboard(parts: Parameters<typeof real.createDashboard>[0]) {
      if (loading.fails) throw new Error('no file handles left');
      loading.made++;
      return real.createDashboard(parts);
    },
  };
});

let world: DashboardWorld;
let source: DashboardSource;
const troubles: string[] = [];
beforeEach(() => {
  world = new DashboardWorld();
  loading.made = 0;
  loading.closes = [];
  troubles.length = 0;
  const { reader, clock, report, prometheus } = world.parts;
  source = new DashboardSource({
    clock,
    logger: undefined,
    onTrouble: (_, during) => void troubles.push(during),
    monitor: {
      reader,
      getPerformanceReport: report,
      prometheus,
      profile: () => Promise.reject(new Error('none')),
    } as ConstructorParameters<typeof DashboardSource>[0]['monitor'],
  });
});
afterEach(async () => {
  loading.fails = false;
  await source.close();
  await world.close();
});

vi.mock('../../src/monitor/dashboard/serve.js', async (original) => {
  const real = await original<typeof import('../../src/monitor/dashboard/serve.js')>();
  return {
    ...real,
    async serveDashboard(...given: Parameters<typeof real.serveDashboard>) {
      const served = await real.serveDashboard(...given);
      const index = loading.closes.push(0) - 1;
      const close = (): Promise<void> => {
        loading.closes[index]!++;
        return served.close();
      };
      return { ...served, close };
    },
  };
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('a dashboard that can not answer', () => {
  it.each(['closed', 'not loaded'])('leaves what the host has answered already as it is: %s', async (state) => {
    const rejected = vi.fn();
    process.on('unhandledRejection', rejected);
    const handler = source.handler({});
    const { port } = await world.listening((req, res) => {
      res.end('of the host');
      handler(req, res);
    });
    if (state === 'closed') {
      await send(port, '/');
      await source.close();
    } else {
      loading.fails = true;
    }
    expect(await send(port, '/')).toMatchObject({ status: 200, body: 'of the host' });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
  });

  it('says that it is closed, with the headers of every other answer', async () => {
    const { port } = await world.listening(source.handler({}));
    expect((await send(port, '/')).status).toBe(200);
    await source.close();
    const reply = await send(port, '/');
    expect(reply).toMatchObject({ status: 503, body: 'the dashboard is closed\n' });
    expect(reply.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it('says that it could not be loaded, and is loaded with the next request', async () => {
    const { port } = await world.listening(source.handler({}));
    loading.fails = true;
    const body = 'the dashboard could not be loaded; the log of the host says why\n';
    expect(await send(port, '/')).toMatchObject({ status: 503, body });
    expect(troubles).toEqual(['loading the dashboard']);
    loading.fails = false;
    expect((await send(port, '/')).status).toBe(200);
  });
});

describe('handlers of one monitor', () => {
  it('share a dashboard, made once, and each asks its own authorize', async () => {
    const { port } = await world.listening((req, res) => {
      const handlers: Record<string, Handler> = {
        '/all': source.handler({ authorize: () => true }),
        '/none': source.handler({ authorize: () => false }),
        '/own': source.handler({}),
      };
      const handler = handlers[req.url ?? '']!;
      req.url = '/metrics';
      handler(req, res);
    });
    const statuses: number[] = [];
    for (const path of ['/all', '/none', '/own', '/all', '/none', '/own'])
      statuses.push((await send(port, path)).status);
    expect(statuses).toEqual([200, 403, 200, 200, 403, 200]);
    expect(loading.made).toBe(1);
  });

  it('all end their streams with the monitor', async () => {
    const { port } = await world.listening(source.handler({ authorize: () => true }));
    const stream = await TestEventSource.open(port, '/events');
    expect((await stream.next())?.name).toBe('snapshot');
    await source.close();
    expect(await stream.next()).toBeUndefined();
  });
});

describe('served dashboards', () => {
  it('are let go of when they are closed', async () => {
    for (let i = 0; i < 3; i++) await (await source.serve({})).close();
    const open = await source.serve({});
    await source.close();
    expect(loading.closes).toEqual([1, 1, 1, 1]);
    await expect(send(open.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the file of a profile', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotpath-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A profile of some megabytes, in the monitor's list. */
  async function taken(content: string): Promise<{ port: number; file: string; path: string }> {
    const [known] = world.reader.profileList;
    const file = 'cpu-1700005800001.cpuprofile';
    const path = join(folder, file);
    await writeFile(path, content);
    world.reader.profileList.push({ ...known!, file, path, bytes: content.length });
    return { file, path, ...(await world.listening(source.handler({}))) };
  }

  it('is downloaded whole, and tells its size to HEAD', async () => {
    const content = 'x'.repeat(3_000_000);
    const { port, file } = await taken(content);
    const whole = await send(port, `/profiles/${file}`);
    expect(whole).toMatchObject({ status: 200, body: content, headers: { 'content-length': '3000000' } });
    const head = await send(port, `/profiles/${file}`, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '3000000' } });
  });

  it.skipIf(process.platform === 'win32')('is not there when something else has taken its place', async () => {
    const { port, file, path } = await taken('{"a":1}');
    expect((await send(port, `/profiles/${file}`)).status).toBe(200);
    await writeFile(path, '{"a":12}');
    expect((await send(port, `/profiles/${file}`)).status).toBe(404);
    await unlink(path);
    await writeFile(join(folder, 'secret'), '{"a":1}');
    await symlink(join(folder, 'secret'), path);
    expect((await send(port, `/profiles/${file}`)).status).toBe(404);
    await unlink(path);
    expect((await send(port, `/profiles/${file}`)).status).toBe(404);
  });
});

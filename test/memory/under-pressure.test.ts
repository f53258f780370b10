import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError, MemoryManager } from '../../src/memory/index.js';
import {
  CRITICAL,
  HEAP_LIMIT_MB,
  LIMIT_MB,
  ourApp,
  peerApp,
  type SheddingApp,
  type SheddingOptions,
} from './shedding-apps.js';

const TOO_MUCH_HEAP = { heapMb: 0.95 * HEAP_LIMIT_MB };
const TOO_MUCH_RSS = { rssMb: 0.95 * LIMIT_MB };
/** The longest time either side takes to see what has changed. */
const SEEN_MS = 6_000;

let open: SheddingApp[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  await Promise.all(open.map(({ app }) => app.close()));
  open = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function opened<App extends SheddingApp>(app: Promise<App>): Promise<App> {
  open.push(await app);
  return app;
}

async function ask(
  { app }: SheddingApp,
  url = '/',
): Promise<{ status: number; retryAfter: string | undefined; body: string }> {
  const { statusCode, headers, body } = await app.inject(url);
  return { status: statusCode, retryAfter: headers['retry-after'] as string | undefined, body };
}

describe.each([
  ['@fastify/under-pressure', (options?: SheddingOptions) => opened(peerApp(options))],
  ['MemoryManager', (options?: SheddingOptions) => opened(ourApp(options))],
])('shedding by %s', (_, open) => {
  it('answers everything while memory is calm', async () => {
    const side = await open();
    await side.pass(SEEN_MS);
    expect(await ask(side)).toEqual({ status: 200, retryAfter: undefined, body: 'full answer' });
    expect(side.isUnderPressure()).toBe(false);
  });

  it.each([
    ['heap', TOO_MUCH_HEAP],
    ['resident memory', TOO_MUCH_RSS],
  ])(
    'refuses with 503 and Retry-After when there is too much %s, and answers again afterwards',
    async (_signal, figures) => {
      const side = await open();
      side.set(figures);
      await side.pass(SEEN_MS);
      const { status, retryAfter } = await ask(side);
      expect(status).toBe(503);
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
      side.set({ heapMb: 100, rssMb: 150 });
      await side.pass(2 * SEEN_MS);
      expect((await ask(side)).status).toBe(200);
    },
  );

  it('says the time to wait that was set', async () => {
    const side = await open({ retryAfterSeconds: 30 });
    side.set(TOO_MUCH_HEAP);
    await side.pass(SEEN_MS);
    expect(await ask(side)).toMatchObject({ status: 503, retryAfter: '30' });
  });

  it('sees at its next look what has come after the last one', async () => {
    const side = await open({ intervalMs: 3_000 });
    await side.pass(3_000);
    side.set(TOO_MUCH_HEAP);
    await side.pass(2_900);
    expect((await ask(side)).status).toBe(200);
    await side.pass(100);
    expect((await ask(side)).status).toBe(503);
  });

  it('tells a handler whether there is pressure, so that it may leave out what is dear', async () => {
    const side = await open();
    side.set(TOO_MUCH_RSS);
    await side.pass(SEEN_MS);
    expect(side.isUnderPressure()).toBe(true);
  });

  it('tells how much is in use', async () => {
    const side = await open();
    side.set({ heapMb: 321, rssMb: 654 });
    await side.pass(SEEN_MS);
    expect(side.usage()).toEqual({ heapMb: 321, rssMb: 654 });
  });

  it.each([
    ['heap', TOO_MUCH_HEAP, { signal: 'heap', mb: 950 }],
    ['rss', TOO_MUCH_RSS, { signal: 'rss', mb: 1_900 }],
  ])('tells which signal it was (%s) and how much, and may answer nevertheless', async (_signal, figures, expected) => {
    const side = await open({ isTellingOnly: true });
    side.set(figures);
    await side.pass(SEEN_MS);
    expect((await ask(side)).status).toBe(200);
    expect(side.told).toEqual([expected]);
  });

  it('answers on a route that is exempt', async () => {
    const side = await open();
    side.set(TOO_MUCH_HEAP);
    await side.pass(SEEN_MS);
    expect(await ask(side, '/exempt')).toMatchObject({ status: 200, body: 'exempt answer' });
  });

  it('has a status route', async () => {
    const side = await open();
    expect(JSON.parse((await ask(side, '/status')).body)).toEqual({ status: 'ok' });
  });

  it('has no timer left once the server is closed', async () => {
    const side = await open();
    await side.pass(SEEN_MS);
    expect(side.timers()).toBeGreaterThan(0);
    await side.app.close();
    expect(side.timers()).toBe(0);
  });

  it('refuses on a real port', async () => {
    const side = await open();
    side.set(TOO_MUCH_HEAP);
    await side.pass(SEEN_MS);
    const url = await side.app.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(url);
    expect([response.status, response.headers.has('retry-after')]).toEqual([503, true]);
    await response.body?.cancel();
  });
});

describe('what MemoryManager does otherwise', () => {
  it('measures against the limit: the same figures are too much for one process and little for another', async () => {
    const side = await opened(ourApp());
    side.set(TOO_MUCH_RSS);
    await side.pass(SEEN_MS);
    expect((await ask(side)).status).toBe(503);
    side.reader.limitMb = 4 * LIMIT_MB;
    // Limits are read once a minute.
    await side.pass(70_000);
    expect((await ask(side)).status).toBe(200);
  });

  it('does not flap: figures that hover at the threshold are one stretch of pressure', async () => {
    const ours = await opened(ourApp({}, { levels: { critical: CRITICAL } }));
    const peer = await opened(peerApp());
    const turns = { ours: 0, peer: 0 };
    const was = { ours: false, peer: false };
    for (let second = 0; second < 60; second++) {
      const figures = { heapMb: HEAP_LIMIT_MB * (CRITICAL + (second % 2 === 0 ? 0.01 : -0.01)) };
      for (const [name, side] of [
        ['ours', ours],
        ['peer', peer],
      ] as const) {
        side.set(figures);
        await side.pass(1_000);
        // The level: of ours one request a second is let in after 10 s of it.
        const isPressed = name === 'ours' ? ours.memory.level === 'critical' : side.isUnderPressure();
        if (isPressed !== was[name]) turns[name]++;
        was[name] = isPressed;
      }
    }
    expect(turns.ours).toBe(1);
    expect(turns.peer).toBeGreaterThan(50);
  });

  it('ends well below the threshold, and only after it has stayed there', async () => {
    const side = await opened(ourApp({}, { dwell: '5s' }));
    side.set(TOO_MUCH_HEAP);
    await side.pass(1_000);
    side.set({ heapMb: 0.87 * HEAP_LIMIT_MB });
    await side.pass(60_000);
    expect(side.isUnderPressure()).toBe(true);
    side.set({ heapMb: 0.8 * HEAP_LIMIT_MB });
    await side.pass(4_000);
    expect(side.isUnderPressure()).toBe(true);
    await side.pass(2_000);
    expect(side.isUnderPressure()).toBe(false);
  });

  it('has its status route answered under pressure, which the other refuses: an orchestrator would restart what only has to breathe', async () => {
    const ours = await opened(ourApp());
    const peer = await opened(peerApp());
    for (const side of [ours, peer]) {
      side.set(TOO_MUCH_HEAP);
      await side.pass(SEEN_MS);
    }
    expect([(await ask(ours, '/status')).status, (await ask(peer, '/status')).status]).toEqual([200, 503]);
  });

  it('takes no limit of 0, and is turned off by its mode', async () => {
    expect(() => new MemoryManager({ maxMemoryMb: 0 })).toThrow(InvalidOptionError);
    const side = await opened(ourApp({}, { mode: 'off' }));
    side.set(TOO_MUCH_HEAP);
    await side.pass(SEEN_MS);
    expect((await ask(side)).status).toBe(200);
    expect(side.timers()).toBe(0);
  });

  it('gives memory back before it refuses', async () => {
    const side = await opened(ourApp());
    let freed = 0;
    side.memory.register('answers', {
      bytes: 500 * 2 ** 20,
      trim: (fraction) => {
        freed += fraction;
        return fraction * 500 * 2 ** 20;
      },
    });
    side.set({ heapMb: 0.85 * HEAP_LIMIT_MB });
    await side.pass(1_000);
    expect(freed).toBeGreaterThan(0);
    expect((await ask(side)).status).toBe(200);
  });

  it('keeps no process alive', async () => {
    const source = new URL('../../src/memory/index.ts', import.meta.url).href;
    const script = `import { MemoryManager } from '${source}'; new MemoryManager().start(); process.stdout.write('started');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('started');
  });
});

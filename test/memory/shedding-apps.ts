import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyInstance } from 'fastify';
import { vi } from 'vitest';
import { MemoryManager, type MemoryManagerOptions } from '../../src/memory/index.js';
import { ManualClock } from '../manual-clock.js';
import { ScriptedReader } from './scripted-reader.js';

const MB = 2 ** 20;
export const HEAP_LIMIT_MB = 1_000;
export const LIMIT_MB = 2_000;
/** Where either begins to refuse. */
export const CRITICAL = 0.9;

/** What both sides are set up with. */
export interface SheddingOptions {
  readonly retryAfterSeconds?: number;
  readonly intervalMs?: number;
  /** Pressure is told, and every request answered. */
  readonly isTellingOnly?: boolean;
}

/** A server that sheds load, over a process whose memory and time are what the test says. */
export interface SheddingApp {
  readonly app: FastifyInstance;
  /** What drove each refusal, or each first sight of pressure, with the Mb that pressed. */
  readonly told: { readonly signal: string; readonly mb: number }[];
  set(figures: { readonly heapMb?: number; readonly rssMb?: number }): void;
  pass(ms: number): Promise<void>;
  isUnderPressure(): boolean;
  usage(): { readonly heapMb: number; readonly rssMb: number };
  /** Timers of either that are due some time. */
  timers(): number;
}

function routes(app: FastifyInstance, exempt: object): void {
  app.get('/', async () => 'full answer');
  app.get('/exempt', { config: exempt }, async () => 'exempt answer');
}

/** `@fastify/under-pressure`, with thresholds in bytes as it takes them. The test fakes `setTimeout`. */
export async function peerApp(options: SheddingOptions = {}): Promise<SheddingApp> {
  const { retryAfterSeconds, intervalMs, isTellingOnly = false } = options;
  const figures = { heapMb: 100, rssMb: 150 };
  vi.spyOn(process, 'memoryUsage').mockImplementation((() => ({
    heapUsed: figures.heapMb * MB,
    rss: figures.rssMb * MB,
  })) as never);
  const app = fastify();
  const told: SheddingApp['told'] = [];
  await app.register(underPressure, {
    maxHeapUsedBytes: CRITICAL * HEAP_LIMIT_MB * MB - 1,
    maxRssBytes: CRITICAL * LIMIT_MB * MB - 1,
    exposeStatusRoute: '/status',
    ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
    ...(intervalMs !== undefined && { sampleInterval: intervalMs }),
    ...(isTellingOnly && {
      pressureHandler: (_request, _reply, type, value) => {
        told.push({ signal: type === 'heapUsedBytes' ? 'heap' : 'rss', mb: Math.round(value! / MB) });
      },
    }),
  });
  routes(app, { pressureHandler: () => undefined });
  await app.ready();
  return {
    app,
    told,
    set: (given) => void Object.assign(figures, given),
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
    isUnderPressure: () => app.isUnderPressure(),
    usage: () => {
      const { heapUsed, rssBytes } = app.memoryUsage();
      return { heapMb: heapUsed / MB, rssMb: rssBytes / MB };
    },
    timers: () => vi.getTimerCount(),
  };
}

/** Ours: a hook that asks `admit()`. */
export async function ourApp(
  options: SheddingOptions = {},
  more: MemoryManagerOptions = {},
): Promise<SheddingApp & { readonly memory: MemoryManager; readonly reader: ScriptedReader }> {
  const { retryAfterSeconds, intervalMs = 1_000, isTellingOnly = false } = options;
  const reader = new ScriptedReader({ heapLimitMb: HEAP_LIMIT_MB, limitMb: LIMIT_MB });
  const clock = new ManualClock();
  const memory = new MemoryManager({
    ...{ reader, clock, gc: 'off', interval: intervalMs, mode: isTellingOnly ? 'observe' : 'on' },
    // What it answers follows from what it does: no critical level ends sooner.
    ...(retryAfterSeconds !== undefined && { dwell: retryAfterSeconds * 1_000 - intervalMs }),
    ...more,
  });
  const told: SheddingApp['told'] = [];
  memory.on('level', ({ level, signal, heapUsedMb, rssMb }) => {
    if (level === 'critical') told.push({ signal, mb: Math.round(signal === 'heap' ? heapUsedMb : rssMb) });
  });
  const app = fastify();
  app.addHook('onRequest', async (request, reply) => {
    if ('isExempt' in request.routeOptions.config || memory.admit()) return;
    return reply.code(503).header('Retry-After', memory.retryAfterSeconds).send({ error: 'Service Unavailable' });
  });
  app.addHook('onClose', () => memory.close());
  routes(app, { isExempt: true });
  app.get('/status', { config: { isExempt: true } as object }, async () => ({ status: 'ok' }));
  await app.ready();
  memory.start();
  return {
    ...{ app, told, memory, reader },
    set: ({ heapMb, rssMb }) => {
      if (heapMb !== undefined) reader.heapUsedMb = heapMb;
      if (rssMb !== undefined) reader.rssMb = rssMb;
    },
    pass: (ms) => clock.advanceAsync(ms),
    isUnderPressure: () => !memory.admit(),
    usage: () => {
      const { heapUsedMb, rssMb } = memory.checkMemoryUsage();
      return { heapMb: heapUsedMb, rssMb };
    },
    timers: () => clock.pendingTimers,
  };
}

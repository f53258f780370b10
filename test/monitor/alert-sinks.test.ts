import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/core/errors.js';
import type { AlertMessage } from '../../src/monitor/alerts/alert-event.js';
import { type AlertSinkLike, logSink } from '../../src/monitor/alerts/alert-sinks.js';
import { flushMicrotasks } from '../manual-clock.js';
import { SeededRandom, seedOf } from '../random.js';
import { alertWorld, deliveryTo, messageOf } from './alert-world.js';

describe('sinks beside each other', () => {
  it('are not delayed by one that throws, hangs, blocks the queue or rejects with nothing', async () => {
    const random = new SeededRandom(seedOf('alert sinks'));
    const received: [string, number][] = [];
    const good: AlertSinkLike = {
      name: 'good',
      send: ({ incident, state, startedAt }) => void received.push([`${incident} ${state}`, clock.now() - startedAt]),
    };
    const wild: AlertSinkLike[] = [
      () => {
        throw new Error('always');
      },
      () => new Promise(() => {}),
      () => Promise.reject(),
      async () => {
        if (random.chance(0.5)) throw new Error('sometimes');
      },
      (_message, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      // biome-ignore lint/suspicious/noThenProperty: what a host's promise library may answer with
      () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('a thenable')) }) as never,
    ];
    const { book, clock, look, told } = alertWorld([...wild.slice(0, 3), good, ...wild.slice(3)]);
    book.add({ metric: 'ask', when: { above: 1 } });
    for (let i = 0; i < 400; i++) {
      look(random.chance(0.5) ? 2 : 1);
      await flushMicrotasks();
    }
    expect(received).toHaveLength(told.length);
    const stats = book.deliveries();
    expect(stats[3]).toEqual({ name: 'good', queued: 0, delivered: told.length, failed: 0, dropped: 0 });
    // Nothing is lost without being counted.
    for (const { queued, delivered, failed, dropped } of stats) {
      expect(queued + delivered + failed + dropped).toBe(told.length);
      expect(queued).toBeLessThanOrEqual(100);
    }
    // In order: what fires resolves before anything else fires.
    for (let i = 0; i < received.length; i++) {
      expect(received[i]![0]).toMatch(i % 2 === 0 ? / firing$/ : / resolved$/);
      if (i % 2 === 1) expect(received[i]![0].split(' ')[0]).toBe(received[i - 1]![0].split(' ')[0]);
    }
  });
});

describe('a sink', () => {
  it.each<[option: string, sinks: unknown, shown: string]>([
    ['sinks', 'slack', '"slack"'],
    ['sinks[0]', ['https://hooks.example.com'], '"https://hooks.example.com"'],
    ['sinks[1]', [() => {}, {}], '{}'],
    ['sinks[0]', [null], 'null'],
    ['sinks[0].timeout', [{ send() {}, timeout: 0 }], '0'],
    ['sinks[0].timeout', [{ send() {}, timeout: 'soon' }], '"soon"'],
  ])('that is none is refused: %s', (option, sinks, shown) => {
    expect(() => alertWorld(sinks as AlertSinkLike[])).toThrow(InvalidOptionError);
    expect(() => alertWorld(sinks as AlertSinkLike[])).toThrow(option);
    expect(() => alertWorld(sinks as AlertSinkLike[])).toThrow(shown);
  });

  it('has the name it was given, or that of its function, or its number', () => {
    function toPager(): void {}
    const { book } = alertWorld([{ name: 'slack', send() {} }, toPager, () => {}, { send() {} }]);
    expect(book.deliveries().map(({ name }) => name)).toEqual(['slack', 'toPager', 'sink 3', 'sink 4']);
  });

  it('that is an object is called as a method of it', async () => {
    class Sink {
      readonly got: string[] = [];
      send({ incident }: AlertMessage): void {
        this.got.push(incident);
      }
    }
    const sink = new Sink();
    const { delivery } = deliveryTo(sink);
    delivery.push(messageOf(1));
    await flushMicrotasks();
    expect(sink.got).toEqual(['incident-1']);
  });
});

describe('logSink', () => {
  it('writes one line per message, by its severity', async () => {
    const lines: [string, object, string | undefined][] = [];
    const level = (name: string) => (data: object, text?: string) => void lines.push([name, data, text]);
    const sink = logSink({ info: level('info'), warn: level('warn'), error: level('error') });
    const { signal } = new AbortController();
    const warning = messageOf(1);
    await sink.send(warning, signal);
    await sink.send(messageOf(2, { severity: 'critical', name: 'slow' }), signal);
    await sink.send(messageOf(3, { severity: 'critical', state: 'resolved', value: null, durationMs: 90_400 }), signal);
    const atOnce = { name: 'ask p95', samples: 1, value: 0.123456, unit: 'ratio', durationMs: 0 } as const;
    await sink.send(messageOf(4, atOnce), signal);
    await sink.send(messageOf(5, { durationMs: 11_130_000, state: 'resolved' }), signal);
    expect(lines.map(([name, , text]) => `${name}: ${text}`)).toEqual([
      'warn: alert firing: alert 1: ask p95 above 3000 ms over 5m: 4200 ms (120 values), for 2m',
      'error: alert firing: slow: ask p95 above 3000 ms over 5m: 4200 ms (120 values), for 2m',
      'info: alert resolved: alert 3: ask p95 above 3000 ms over 5m: no data, for 1m 30s',
      'warn: alert firing: ask p95 above 3000 ms over 5m: 0.1235 (1 value)',
      'info: alert resolved: alert 5: ask p95 above 3000 ms over 5m: 4200 ms (120 values), for 3h 5m',
    ]);
    expect(lines[0]![1]).toEqual({ alert: warning });
  });

  it('fails with a logger that rejects', async () => {
    const { delivery, clock, troubles } = deliveryTo(
      logSink({ info: () => {}, warn: () => Promise.reject(new Error('full')) as never, error: () => {} }),
    );
    delivery.push(messageOf(1));
    for (let i = 0; i < 7; i++) await clock.advanceAsync(1_000);
    expect(troubles).toEqual(['alert sink "log": full']);
  });

  it('wants a logger', () => {
    expect(() => logSink(undefined as never)).toThrow(/^logger must be/);
    expect(() => logSink({ info() {}, warn() {} } as never)).toThrow(/^logger must be/);
  });
});

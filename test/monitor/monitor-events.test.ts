import { channel } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { MONITOR_EVENT_NAMES, MonitorEventSource } from '../../src/monitor/monitor-events.js';
import { flushMicrotasks, ManualClock } from '../manual-clock.js';
import { monitorWorld } from './monitor-world.js';

/** A source of events, everything that it tells by `error` and the log. */
function eventWorld() {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, error() {}, warn: (_: object, message = '') => warnings.push(message) };
  const events = new MonitorEventSource('m1', logger, clock);
  const errors: string[] = [];
  const mark = (name: string): void => events.emit('mark', { name, at: clock.now(), metadata: {} });
  return { clock, events, warnings, errors, mark };
}

const throwing = (what: string) => () => {
  throw new Error(what);
};

describe('events', () => {
  it('are told at once, to listeners and on the channel of each', () => {
    const { clock, events } = eventWorld();
    const seen: unknown[] = [];
    const onMessage = (message: unknown): void => void seen.push(message);
    const marks = channel('hotpath:monitor:mark');
    marks.subscribe(onMessage);
    events.on('mark', ({ name }) => seen.push(name));
    events.emit('mark', { name: 'deploy', at: clock.now(), metadata: {} });
    marks.unsubscribe(onMessage);
    expect(seen).toEqual(['deploy', { monitor: 'm1', name: 'deploy', at: clock.now(), metadata: {} }]);
    expect(MONITOR_EVENT_NAMES).toContain('mark');
  });

  it('that a listener raises follow the one under way, so that all hear them in one order', () => {
    const { events, mark } = eventWorld();
    const seen: string[] = [];
    events.on('mark', ({ name }) => {
      seen.push(`first ${name}`);
      if (name === 'deploy') mark('warm-up');
      seen.push(`first is done with ${name}`);
    });
    events.on('mark', ({ name }) => seen.push(`second ${name}`));
    mark('deploy');
    expect(seen).toEqual([
      'first deploy',
      'first is done with deploy',
      'second deploy',
      'first warm-up',
      'first is done with warm-up',
      'second warm-up',
    ]);
  });
});

describe('listeners that go round in circles', () => {
  it('by failing at what another one raises: no recursion, few events, and it is told', () => {
    const { monitor } = monitorWorld();
    let depth = 0;
    let deepest = 0;
    let calls = 0;
    const told: unknown[] = [];
    monitor.mark('release 1');
    monitor.on('mark', throwing('listener'));
    monitor.on('error', ({ error, during }) => {
      deepest = Math.max(deepest, ++depth);
      calls++;
      if (during === 'events') told.push(error);
      monitor.mark('failed');
      depth--;
    });
    monitor.mark('release 2');
    expect(deepest).toBe(1);
    expect(calls).toBeLessThan(20);
    const names = monitor.reader.marks().map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['release 1', 'release 2', 'failed']);
    expect(names.length).toBeLessThan(20);
    expect(told).toMatchObject([{ code: 'EVENTS_DROPPED', message: expect.stringMatching(/dropped/) }]);
  });

  it('by raising what they listen to: it ends, and a host that does not need them is heard as ever', () => {
    const { clock, events, errors, mark } = eventWorld();
    const seen: string[] = [];
    events.on('error', ({ during }) => errors.push(during));
    events.on('mark', ({ name }) => {
      seen.push(name);
      mark('again');
    });
    mark('deploy');
    expect(seen).toEqual(['deploy', ...Array.from({ length: 20 }, () => 'again')]);
    expect(errors).toEqual(['events']);
    for (let i = 0; i < 100; i++) mark(`host ${i}`);
    expect(seen.filter((name) => name.startsWith('host'))).toHaveLength(100);
    expect(errors).toEqual(['events']);
    clock.advance(1_000);
    mark('later');
    expect(seen.filter((name) => name === 'again')).toHaveLength(40);
    expect(errors).toEqual(['events', 'events']);
  });

  it('through promises: it ends, and the process goes on', async () => {
    const { events, errors, mark } = eventWorld();
    let calls = 0;
    events.on('mark', async () => {
      // Without an end this would never give the event loop back.
      if (++calls > 5_000) return;
      throw new Error('async listener');
    });
    events.on('error', ({ during }) => {
      errors.push(during);
      mark('failed');
    });
    mark('deploy');
    await flushMicrotasks();
    expect(calls).toBeLessThan(50);
    expect(errors).toContain('events');
  });

  it('on the diagnostics channel: no recursion either', () => {
    const { mark } = eventWorld();
    const marks = channel('hotpath:monitor:mark');
    let depth = 0;
    let deepest = 0;
    const onMessage = (): void => {
      deepest = Math.max(deepest, ++depth);
      mark('again');
      depth--;
    };
    marks.subscribe(onMessage);
    mark('deploy');
    marks.unsubscribe(onMessage);
    expect(deepest).toBe(1);
  });

  it('are counted on in the next telling, also where a clock is set back, and the log is not flooded', () => {
    const { clock, events, warnings, errors, mark } = eventWorld();
    events.on('error', ({ error }) => errors.push((error as Error).message));
    events.on('mark', () => {
      for (let i = 0; i < 30; i++) events.emit('overflow', { name: `m${i}`, maxSeries: 1 });
    });
    mark('a');
    clock.advance(-10_000);
    mark('b');
    expect(errors.map((message) => message.replace(/^.*: (\d+) .*$/, '$1'))).toEqual(['10', '20']);
    expect(warnings).toEqual(['hotpath monitor: trouble in events']);
  });
});

describe('a listener that fails', () => {
  it('is told by `error`, one that listens to `error` only in the log', async () => {
    const { events, warnings, errors, mark } = eventWorld();
    events.on('mark', throwing('sync'));
    events.on('mark', () => Promise.reject(new Error('async')) as never);
    events.on('error', ({ during }) => errors.push(during));
    events.on('error', throwing('a listener of error'));
    mark('deploy');
    await flushMicrotasks();
    expect(errors).toEqual(["a listener of 'mark'", "a listener of 'mark'"]);
    expect(warnings).toEqual(["hotpath monitor: trouble in a listener of 'mark'", "a listener of 'error' threw"]);
  });
});

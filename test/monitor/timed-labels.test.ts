import { describe, expect, it } from 'vitest';
import { monitorPerformance } from '../../src/monitor/monitor-performance.js';
import { monitorWorld } from './monitor-world.js';

const boom = (): never => {
  throw new Error('boom');
};

describe('labels that can not be read', () => {
  const unreadable = (): { a: string } => Object.defineProperty({ a: '' }, 'a', { get: boom, enumerable: true });

  it('of a callback are left out and reported, whatever kind of call it is', async () => {
    const { monitor, errors } = monitorWorld();
    const wrap = monitorPerformance(monitor, 't', unreadable);
    expect(wrap(() => 1)()).toBe(1);
    expect(await wrap(async () => 2)()).toBe(2);
    for await (const value of wrap(async function* () {
      yield 3;
    })())
      expect(value).toBe(3);
    expect([monitor.getMetricStats('t')?.count, monitor.reader.inFlight('t'), errors.length]).toEqual([3, 0, 3]);
    expect(errors[0]).toMatchObject({ error: { message: 'boom' }, during: "the labels of 't'" });
  });

  it('of a callback that answers a promise are left out, and its rejection is reported too', async () => {
    const { monitor, errors } = monitorWorld();
    const later = (async () => boom()) as unknown as () => { a: number };
    expect(monitorPerformance(monitor, 't', later)(() => 1)()).toBe(1);
    await null;
    await null;
    expect(errors.map(({ error }) => (error as Error).message)).toEqual([
      'labels must be known at once, not by a promise, got an instance of Promise',
      'boom',
    ]);
    expect(monitor.getMetricStats('t')?.count).toBe(1);
  });

  it('may be fixed ones', async () => {
    const { monitor } = monitorWorld();
    const wrap = monitorPerformance(monitor, 't', unreadable());
    for await (const value of wrap(async function* () {
      yield 3;
    })())
      expect(value).toBe(3);
    expect(await wrap(async () => 2)()).toBe(2);
    expect([monitor.getMetricStats('t')?.count, monitor.reader.inFlight('t')]).toEqual([2, 0]);
  });
});

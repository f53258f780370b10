import { describe, expect, it } from 'vitest';
import type { TargetResult } from '../../src/monitor/targets/target-result.js';
import { alertWorld, exemplar } from './alert-world.js';

function target(met: boolean | null, actual: number | null, changes: Partial<TargetResult> = {}): TargetResult {
  return {
    met,
    actual,
    target: 3_000,
    unit: 'ms',
    bound: 'max',
    samples: 40,
    confidence: 'high',
    windowMs: null,
    ...changes,
  };
}

describe('an alert by a target', () => {
  it('fires while the target is not met, and takes no verdict for no data', () => {
    const { book, reader, told, events, clock } = alertWorld();
    reader.targetResults['responseTime'] = target(true, 1_000);
    reader.slow = [exemplar(9_000)];
    book.add({ name: 'target', target: 'responseTime', for: '1s', keepFiring: '2s' });
    book.add({ name: 'keeps', target: 'responseTime', onNoData: 'keep' });
    const steps = [true, false, false, null, null, null].map((met) => {
      clock.advance(1_000);
      reader.targetResults['responseTime'] = target(met, met === null ? null : met ? 1_000 : 4_000);
      book.tick();
      return book
        .status()
        .map(({ state }) => state[0])
        .join('');
    });
    expect(steps).toEqual(['ii', 'pf', 'ff', 'rf', 'rf', 'if']);
    expect(told).toEqual(['2s alert keeps', '3s alert target', '6s resolved target']);
    expect(events[1]).toMatchObject({
      condition: 'target responseTime not met',
      value: 4_000,
      threshold: 3_000,
      unit: 'ms',
      windowMs: null,
      samples: 40,
      exemplar: exemplar(9_000),
    });
  });

  it('has no data with fewer samples than it needs', () => {
    const { book, reader } = alertWorld();
    reader.targetResults['responseTime'] = target(false, 9_000, { samples: 1 });
    book.add({ target: 'responseTime', minCount: 20 });
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'inactive', value: null, threshold: 3_000 }]);
    reader.targetResults['responseTime'] = target(false, 9_000, { samples: 20 });
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'firing', value: 9_000 }]);
  });

  it('brings no slow request with what has nothing to do with requests', () => {
    const { book, reader, events } = alertWorld();
    reader.targetResults['memory'] = target(false, 0.9, { target: 0.8, unit: 'ratio' });
    reader.slow = [exemplar(9_000)];
    book.add({ target: 'memory', severity: 'critical' });
    book.tick();
    expect(events).toMatchObject([{ value: 0.9, threshold: 0.8, unit: 'ratio' }]);
    expect(events[0]).not.toHaveProperty('exemplar');
  });

  it('reads all targets once a tick, and not at all without such rules', () => {
    const { book, reader } = alertWorld();
    book.add({ metric: 'ask', when: { above: 1 } });
    book.tick();
    expect(reader.targetReads).toBe(0);
    Object.assign(reader.targetResults, { a: target(true, 1), b: target(true, 1) });
    book.add({ target: 'a' });
    book.add({ target: 'b' });
    reader.targetReads = 0;
    book.tick();
    expect(reader.targetReads).toBe(1);
  });
});

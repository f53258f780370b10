import { describe, expect, it } from 'vitest';
import { reportOf } from '../../src/monitor/exports/report.js';
import { reportHtml } from '../../src/monitor/exports/report-html.js';
import { reportMarkdown } from '../../src/monitor/exports/report-markdown.js';
import { alertWorld, statsOfValues } from './alert-world.js';
import { monitorWorld } from './monitor-world.js';
import { fullReader } from './reader-double.js';
import { INCIDENTS } from './reader-double-facts.js';
import { snapshotOf } from './snapshot-of.js';

describe('the worst value of an incident', () => {
  it('is the furthest beyond the threshold, from the first look at which the condition held', () => {
    const { book, events, look } = alertWorld();
    book.add({ name: 'slow', metric: 'ask', when: { above: 3_000 }, resolve: { below: 2_000 }, for: '2s' });
    for (const value of [9_000, 1_000, 4_000, 8_000, 5_000, 2_500, 6_000, 1_000]) look(value);
    expect(events.map(({ value, worst }) => [value, worst])).toEqual([
      [5_000, 8_000],
      [1_000, 8_000],
    ]);
  });

  it('is the lowest where low values are bad', () => {
    const { book, events, look } = alertWorld();
    book.add({ name: 'low', metric: 'ask', stat: 'min', when: { below: 100 } });
    for (const value of [50, 20, 80, 200]) look(value);
    expect(events.map(({ worst }) => worst)).toEqual([50, 20]);
  });

  it('of a target goes by the side of its bound', () => {
    const { book, reader, events, clock } = alertWorld();
    const target = { target: 100, unit: 'perMinute', samples: 40, confidence: 'high', windowMs: 3_600_000 } as const;
    const set = (met: boolean, actual: number): void => {
      reader.targetResults['rate'] = { met, actual, bound: 'min', ...target };
      clock.advance(1_000);
      book.tick();
    };
    set(true, 150);
    book.add({ target: 'rate' });
    for (const actual of [60, 30, 90]) set(false, actual);
    set(true, 120);
    expect(events.map(({ worst }) => worst)).toEqual([60, 30]);
  });

  it('is the last one that a function did not like', () => {
    const { book, reader, events } = alertWorld();
    book.add({ name: 'odd', metric: 'ask', stat: 'max', when: (value) => value % 2 === 1 });
    for (const value of [3, 7, 5, 4]) {
      reader.figures.set('ask', statsOfValues([value], 'count'));
      book.tick();
    }
    expect(events.map(({ worst }) => worst)).toEqual([3, 5]);
  });
});

describe('incidents that are over', () => {
  const reader = fullReader();
  const report = reportOf(reader);

  it('can be read from the monitor, with those that fire', async () => {
    const { clock, monitor } = monitorWorld();
    monitor.alert({ name: 'high', metric: 'load', stat: 'max', window: '5s', when: { above: 10 } });
    monitor.recordMetric('load', 25);
    clock.advance(1_000);
    expect(monitor.reader.incidents()).toMatchObject([{ name: 'high', worst: 25 }]);
    expect(monitor.reader.incidents()[0]).not.toHaveProperty('resolvedAt');
    clock.advance(60_000);
    expect(monitor.reader.incidents()).toEqual(monitor.alertHistory());
    expect(monitor.reader.incidents()).toMatchObject([{ name: 'high', worst: 25, resolvedAt: expect.any(Number) }]);
    await monitor.close();
  });

  it('stand in the report, newest first, at most 20', () => {
    expect(report.incidents).toEqual([...INCIDENTS].reverse());
    const many = fullReader();
    many.incidentList = Array.from({ length: 30 }, (_, i) => ({ ...INCIDENTS[0]!, incident: `i-${i}` }));
    const kept = reportOf(many).incidents;
    expect([kept.length, kept[0]!.incident, kept.at(-1)!.incident]).toEqual([20, 'i-29', 'i-10']);
  });

  it('are told in Markdown and HTML: when, how long, the worst value, the condition', () => {
    const text = reportMarkdown(report);
    expect(text).toContain('## Incidents');
    expect(text).toContain(
      '| 2023-11-14 23:20:00 UTC | slow answers | critical | 5 min | 7.25 s | request p95 above 3000 ms over 5m |',
    );
    expect(text).toContain('| 2023-11-14 23:10:00 UTC | errors | warning | 1.5 min | 12.5 % |');
    expect(text).toContain('| slow answers | critical | **10 min, and still firing** | 3.41 s |');
    expect(reportHtml(report)).toContain('<td>5 min</td><td class="figure">7.25 s</td>');
  });

  it('are on the page, newest first, at most ten, without what the page does not show', () => {
    const { incidents } = snapshotOf(reader);
    expect(incidents.map(({ incident }) => incident)).toEqual(['slow-answers-0', 'errors-6']);
    expect(incidents[0]).toEqual({
      ...{ incident: 'slow-answers-0', name: 'slow answers', severity: 'critical' },
      ...{ condition: 'request p95 above 3000 ms over 5m', worst: 7_250, unit: 'ms' },
      ...{ startedAt: INCIDENTS[1]!.startedAt, resolvedAt: INCIDENTS[1]!.resolvedAt },
    });
    const many = fullReader();
    many.incidentList = Array.from({ length: 30 }, (_, i) => ({
      ...INCIDENTS[0]!,
      ...{ incident: `i-${i}`, resolvedAt: INCIDENTS[0]!.startedAt + i },
    }));
    const shown = snapshotOf(many).incidents;
    expect([shown.length, shown[0]!.incident, shown.at(-1)!.incident]).toEqual([10, 'i-29', 'i-20']);
  });
});

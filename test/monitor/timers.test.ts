import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { monitorWorld } from './monitor-world.js';

describe('a timer', () => {
  it('records its time, and its stages in a series of their own', () => {
    const { clock, monitor } = monitorWorld();
    const timer = monitor.startTimer('ask', { tier: 'gold' });
    clock.advance(10);
    timer.stage('retrieve');
    clock.advance(30);
    timer.stage('model', { model: 'small' });
    clock.advance(500);
    expect(timer.stages.map(({ name, ms }) => [name, ms])).toEqual([
      ['retrieve', 30],
      ['model', 500],
    ]);
    expect(timer.end()).toBe(540);
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 1, max: 540, min: 540, unit: 'ms' });
    expect(monitor.getMetricStats('ask', { labels: { tier: 'gold' } })?.count).toBe(1);
    const stage = (labels: Record<string, string>) => monitor.getMetricStats('ask_stage', { labels })?.max;
    expect([stage({ stage: 'retrieve' }), stage({ stage: 'model', model: 'small', tier: 'gold' })]).toEqual([30, 500]);
  });

  it('ends once: later calls answer the same and record nothing', () => {
    const { clock, monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    clock.advance(7);
    timer.end();
    clock.advance(7);
    timer.stage('late');
    timer.chunk();
    timer.annotate({ late: true });
    expect([timer.end(), timer.end({ error: new Error('late') }), timer.elapsedMs]).toEqual([7, 7, 7]);
    expect(monitor.getMetricStats('ask')?.count).toBe(1);
    expect(monitor.getMetricStats('ask_stage')).toBeNull();
    expect(monitor.reader.inFlight('ask')).toBe(0);
  });

  it('of one name may run beside others', () => {
    const { clock, monitor } = monitorWorld();
    const first = monitor.startTimer('ask');
    clock.advance(10);
    const second = monitor.startTimer('ask');
    expect(monitor.reader.inFlight('ask')).toBe(2);
    clock.advance(10);
    expect([first.end(), second.end()]).toEqual([20, 10]);
  });

  it('counts failures under the code or name of their error, never its message', () => {
    const { monitor } = monitorWorld();
    class RateLimitError extends Error {
      override name = 'RateLimitError';
    }
    const errors = [
      new TypeError('secret'),
      Object.assign(new Error('x'), { code: 'ECONNRESET' }),
      new RateLimitError('y'),
      'text',
      42,
    ];
    for (const error of errors) monitor.startTimer('ask').end({ error });
    monitor.startTimer('ask').end();
    const types = monitor.reader.series().filter(({ name }) => name === 'ask');
    expect(types.map(({ labels }) => labels['error']).sort()).toEqual([
      'ECONNRESET',
      'RateLimitError',
      'TypeError',
      'number',
      'string',
      undefined,
    ]);
    expect(monitor.getMetricStats('ask', { labels: { error: '' } })?.count).toBe(1);
    expect(JSON.stringify(monitor.getPerformanceReport())).not.toContain('secret');
  });

  it('keeps hits and misses of a cache as populations of their own', () => {
    const { clock, monitor } = monitorWorld();
    for (const [cache, ms] of [
      ['hit', 2],
      ['hit', 4],
      ['miss', 1_500],
    ] as const) {
      const timer = monitor.startTimer('ask');
      clock.advance(ms);
      timer.end({ cache });
    }
    expect(monitor.getMetricStats('ask')).toMatchObject({ count: 3, max: 1_500 });
    expect(monitor.getMetricStats('ask', { labels: { cache: 'hit' } })).toMatchObject({ count: 2, max: 4 });
    expect(monitor.getMetricStats('ask', { labels: { cache: 'miss' } })).toMatchObject({ count: 1, min: 1_500 });
  });

  it('times chunks: up to the first, and between them', () => {
    const { clock, monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    for (const ms of [300, 20, 40]) {
      clock.advance(ms);
      timer.chunk();
    }
    timer.end();
    expect(monitor.getMetricStats('ask_first_chunk')).toMatchObject({ count: 1, max: 300 });
    expect(monitor.getMetricStats('ask_between_chunks')).toMatchObject({ count: 2, min: 20, max: 40 });
  });

  it('keeps error, cache and stage beside as many labels as there can be, and says that some are cut', () => {
    const { monitor, errors } = monitorWorld({ operation: 'ask' });
    const labels = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`a${String(i).padStart(2, '0')}`, 'x']));
    for (let i = 0; i < 3; i++) {
      const timer = monitor.startTimer('ask', labels);
      timer.stage('model');
      timer.end({ error: new TypeError('no'), cache: 'miss' });
    }
    expect(monitor.getMetricStats('ask', { labels: { error: 'TypeError', cache: 'miss', a00: 'x' } })?.count).toBe(3);
    expect(monitor.getMetricStats('ask_stage', { labels: { stage: 'model' } })?.count).toBe(3);
    expect(errors.map(({ error }) => (error as Error).message)).toEqual([
      'metric "ask": it has more than ten labels, of which the first ten by name are kept',
      'metric "ask_stage": it has more than ten labels, of which the first ten by name are kept',
    ]);
  });

  it('takes the label error: false for none, and cache: hit for what it says', () => {
    const { monitor } = monitorWorld();
    monitor.startTimer('ask', { error: false, cache: 'hit' }).end();
    expect(monitor.getMetricStats('ask', { labels: { error: '', cache: 'hit' } })?.count).toBe(1);
  });

  it('has the labels of its start, whatever becomes of their object', () => {
    const { monitor } = monitorWorld();
    const labels = { tenant: 'a' };
    const timer = monitor.startTimer('ask', labels);
    labels.tenant = 'b';
    timer.chunk();
    timer.end();
    expect(
      monitor.reader
        .series()
        .filter(({ name }) => name.startsWith('ask'))
        .map((series) => series.labels),
    ).toEqual([{ tenant: 'a' }, { tenant: 'a' }]);
  });

  it('survives labels and names that can not be read', () => {
    const { monitor } = monitorWorld();
    const hostile = {
      get tenant(): string {
        throw new Error('getter');
      },
    };
    const timer = monitor.startTimer('ask', hostile);
    timer.stage(Object.create(null) as never, hostile);
    timer.stage('x'.repeat(1_000_000));
    timer.end({ labels: hostile, error: hostile });
    expect(monitor.getMetricStats('ask')?.count).toBe(1);
    expect(monitor.reader.slowest('ask', 1)[0]?.stages.map(({ name }) => name.length)).toEqual([6, 120]);
  });

  it('of a monitor that was switched off meanwhile leaves nothing behind', () => {
    const { monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    monitor.mode = 'off';
    timer.stage('late');
    timer.chunk();
    timer.end();
    monitor.mode = 'on';
    expect(monitor.reader.names().map(({ name }) => name)).not.toContain('ask');
    expect([monitor.reader.slowest('ask', 1), monitor.reader.inFlight('ask')]).toEqual([[], 0]);
  });

  it('counts stages past those it keeps', () => {
    const { monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    for (let i = 0; i < 60; i++) timer.stage('tool');
    expect(timer.stages).toHaveLength(51);
    timer.end();
    expect(monitor.getMetricStats('ask_stage', { labels: { stage: 'tool' } })?.count).toBe(60);
    expect(monitor.reader.slowest('ask', 1)[0]?.stages).toHaveLength(50);
  });

  it('records in milliseconds, and says so where its name has another unit', () => {
    const { clock, monitor, errors } = monitorWorld({ operation: 'ask' });
    monitor.recordMetric('ask', 5_000);
    monitor.recordMetric('other', 3);
    expect([monitor.getMetricStats('ask')?.unit, monitor.getMetricStats('other')?.unit]).toEqual(['ms', 'count']);
    for (let i = 0; i < 2; i++) {
      const timer = monitor.startTimer('other');
      clock.advance(7);
      timer.end();
    }
    expect(monitor.getMetricStats('other')?.count).toBe(3);
    expect(errors).toMatchObject([
      {
        error: { code: 'METRIC_MISUSED', message: 'metric "other": values in ms are recorded, but its unit is count' },
      },
    ]);
  });

  it('is published on its channels, with what it was', () => {
    const { clock, monitor } = monitorWorld();
    const events: unknown[] = [];
    const listen = (data: unknown): void => void events.push(data);
    subscribe('hotpath:monitor:timer:start', listen);
    subscribe('hotpath:monitor:timer:end', listen);
    try {
      const at = clock.now();
      const timer = monitor.startTimer('ask', { tier: 'gold' });
      clock.advance(5);
      timer.stage('sql');
      timer.annotate({ rows: 3 });
      clock.advance(5);
      timer.end({ error: new TypeError('no'), cache: 'miss' });
      const labels = { tier: 'gold', error: 'TypeError', cache: 'miss' };
      const stages = [{ name: 'sql', startMs: 5, ms: 5 }];
      expect(events).toEqual([
        { monitor: monitor.id, id: 1, name: 'ask', labels: { tier: 'gold' }, at },
        {
          ...{ monitor: monitor.id, id: 1, name: 'ask', labels, at, ms: 10, stages },
          metadata: { rows: 3 },
          error: 'TypeError',
          cache: 'miss',
        },
      ]);
    } finally {
      unsubscribe('hotpath:monitor:timer:start', listen);
      unsubscribe('hotpath:monitor:timer:end', listen);
    }
  });
});

describe('the slowest requests', () => {
  it('are kept with stages and facts, twenty a slot, slowest first', () => {
    const { clock, monitor } = monitorWorld();
    for (let i = 1; i <= 100; i++) {
      const timer = monitor.startTimer('ask');
      timer.stage('model');
      timer.annotate({ question: i });
      clock.advance((i * 37) % 101);
      timer.end();
    }
    const slowest = monitor.reader.slowest('ask', 50);
    expect(slowest.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, i) => 100 - i));
    expect(slowest[0]).toMatchObject({
      stages: [{ name: 'model', ms: 100 }],
      metadata: { question: expect.any(Number) },
    });
    clock.advance(3_600_000 + 60_000);
    expect(monitor.reader.slowest('ask', 50)).toEqual([]);
  });

  it('stay bounded: 5,000 in all, whatever the names', () => {
    const { clock, monitor } = monitorWorld({ maxSeries: 10_000 });
    for (let minute = 0; minute < 60; minute++) {
      for (let i = 0; i < 200; i++) monitor.startTimer(`ask ${i % 10}`).end();
      clock.advance(60_000);
    }
    const kept = Array.from({ length: 10 }, (_, i) => monitor.reader.slowest(`ask ${i}`, 10_000).length);
    const all = kept.reduce((sum, count) => sum + count, 0);
    expect(all).toBeLessThanOrEqual(5_000);
    expect(all).toBeGreaterThan(4_000);
  });

  it('carry bounded facts of plain values', () => {
    const { monitor } = monitorWorld();
    const timer = monitor.startTimer('ask');
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    timer.annotate({ text: 'x'.repeat(1_000), cycle, fn: () => 1, big: 10n, list: [1, 2], none: null });
    timer.annotate(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`fact ${i}`, i])));
    timer.end();
    const { metadata } = monitor.reader.slowest('ask', 1)[0]!;
    expect(Object.keys(metadata)).toHaveLength(20);
    expect(metadata).toMatchObject({ big: '10', list: '[1,2]', none: null, 'fact 0': 0 });
    expect(String(metadata['text'])).toHaveLength(203);
    // As far as it is shown, and no further.
    expect(metadata['cycle']).toBe('{"self":{"self":{"self":{"self":{...}}}}}');
  });

  it('show the beginning of a large fact, and look at no more of it', () => {
    const { monitor } = monitorWorld();
    let read = 0;
    const rows = new Proxy(
      Array.from({ length: 100_000 }, (_, i) => i),
      {
        get(target, key) {
          read++;
          return Reflect.get(target, key);
        },
      },
    );
    const timer = monitor.startTimer('ask');
    timer.annotate({ rows, when: new Date(0), nested: { a: [1, 'x', null, true, undefined] } });
    timer.end();
    const { metadata } = monitor.reader.slowest('ask', 1)[0]!;
    expect(String(metadata['rows'])).toMatch(/^\[0,1,2,.*\.\.\.$/);
    expect(read).toBeLessThan(1_000);
    expect(metadata).toMatchObject({ when: '"1970-01-01T00:00:00.000Z"', nested: '{"a":[1,"x",null,true,null]}' });
  });

  it('are those of the window that is asked for', () => {
    const { clock, monitor } = monitorWorld();
    monitor.recordMetric('tokens', 1_000, undefined, { first: true });
    clock.advance(40_000);
    monitor.recordMetric('tokens', 1, undefined, { second: true });
    const values = (window: '5s' | '1m') =>
      monitor.getMetricStats('tokens', { window })?.exemplars.map(({ value }) => value);
    expect([values('5s'), values('1m')]).toEqual([[1], [1_000, 1]]);
  });

  it('hold only values that were recorded', () => {
    const { monitor } = monitorWorld();
    for (const bad of [Number.NaN, -1, Number.POSITIVE_INFINITY, 7n, '8', { valueOf: () => 9 }, undefined]) {
      monitor.recordMetric('request', bad as never, undefined, { bad: true });
    }
    monitor.recordMetric('request', 1, undefined, { good: true });
    expect(monitor.getMetricStats('request')?.exemplars).toMatchObject([{ value: 1, metadata: { good: true } }]);
    expect(monitor.toMarkdown()).toContain('request');
  });

  it('include values that were recorded with facts', () => {
    const { monitor } = monitorWorld();
    monitor.recordMetric('tokens', 900, undefined, { question: 'long' });
    monitor.recordMetric('tokens', 5);
    expect(monitor.getMetricStats('tokens')?.exemplars).toMatchObject([{ value: 900, metadata: { question: 'long' } }]);
  });
});

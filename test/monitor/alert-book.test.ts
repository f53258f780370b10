import { describe, expect, it } from 'vitest';
import { flushMicrotasks } from '../manual-clock.js';
import { alertWorld, exemplar, statsOfValues } from './alert-world.js';

const MINUTE = 60_000;

describe('an alert by a metric', () => {
  it('fires and resolves to the tick, with one message each', () => {
    const { book, told, look } = alertWorld();
    book.add({
      name: 'slow',
      metric: 'ask',
      when: { above: '3s' },
      for: '3s',
      keepFiring: '2s',
      resolve: { below: '2s' },
    });
    const states = [2_000, 4_000, 4_000, 4_000, 4_000, 2_500, 1_000, 4_000, 1_000, 1_000, 1_000, 1_000].map((ms) =>
      look(ms),
    );
    expect(states.map((state) => state[0]).join('')).toBe('ipppffrfrrii');
    expect(told).toEqual(['5s alert slow', '11s resolved slow']);
  });

  it('tells all there is to tell', () => {
    const { book, reader, events, clock, start } = alertWorld();
    book.add({ name: 'slow', metric: 'ask', when: { above: '3s' }, for: '1m', window: '10m', severity: 'critical' });
    reader.figures.set('ask', statsOfValues([4_000, 5_000, 6_000], 'ms', [exemplar(6_000), exemplar(5_000)]));
    book.tick();
    clock.advance(MINUTE);
    book.tick();
    const profile = {
      file: 'a.cpuprofile',
      path: '/p/a.cpuprofile',
      kind: 'cpu',
      bytes: 1,
      reason: 'slow',
      top: [],
    } as const;
    reader.taken = [
      { ...profile, path: '/p/before', startedAt: start - MINUTE, ms: 10_000 },
      { ...profile, startedAt: start + MINUTE, ms: 10_000 },
      { ...profile, path: '/p/later', startedAt: start + 2 * MINUTE, ms: 10_000 },
    ];
    clock.advance(MINUTE);
    reader.figures.set('ask', statsOfValues([100]));
    book.tick();
    const shared = {
      incident: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'slow',
      severity: 'critical',
      condition: 'ask p95 above 3000 ms over 10m',
      threshold: 3_000,
      worst: 6_000,
      unit: 'ms',
      windowMs: 600_000,
      startedAt: start,
      exemplar: exemplar(6_000),
    };
    expect(events).toEqual([
      { ...shared, value: 6_000, samples: 3, at: start + MINUTE, durationMs: MINUTE },
      {
        ...shared,
        value: 100,
        samples: 1,
        at: start + 2 * MINUTE,
        resolvedAt: start + 2 * MINUTE,
        durationMs: 2 * MINUTE,
        profile: '/p/a.cpuprofile',
      },
    ]);
    expect(events[1]!.incident).toBe(events[0]!.incident);
    expect(reader.reads.filter(({ exemplars }) => exemplars !== 0)).toEqual([
      { name: 'ask', windowMs: 600_000, exemplars: 1 },
    ]);
  });

  it('has a state that can be read at any time', () => {
    const { book, look, start } = alertWorld();
    book.add({ name: 'slow', metric: 'ask', when: { above: 3_000 }, for: '2s' });
    expect(book.status()).toEqual([
      {
        name: 'slow',
        severity: 'warning',
        state: 'inactive',
        since: start,
        value: null,
        threshold: null,
        unit: null,
        condition: 'ask above 3000 over 5m',
      },
    ]);
    look(4_000);
    expect(book.status()).toMatchObject([
      { state: 'pending', since: start + 1_000, value: 4_000, threshold: 3_000, unit: 'ms' },
    ]);
    expect(book.status()[0]).not.toHaveProperty('incident');
    look(4_000, 2);
    const [firing] = book.status();
    expect(firing).toMatchObject({ state: 'firing', since: start + 3_000, incident: book.history()[0]!.incident });
    look(null);
    expect(book.status()).toMatchObject([{ state: 'inactive', value: null }]);
    expect(book.status()[0]).not.toHaveProperty('incident');
  });

  it.each([
    ['above is strictly above', { above: 3_000 }, 3_000, false],
    ['above', { above: 3_000 }, 3_000.1, true],
    ['below is strictly below', { below: 3_000 }, 3_000, false],
    ['below', { below: 3_000 }, 2_999.9, true],
  ] as const)('by a bound: %s', (_what, when, value, fires) => {
    const { book, look } = alertWorld();
    book.add({ metric: 'ask', stat: 'max', when });
    expect(look(value)).toBe(fires ? 'firing' : 'inactive');
  });

  it('looks at p95 of times and at the mean of anything else, unless it is told', () => {
    const { book, reader } = alertWorld();
    const values = [...Array<number>(95).fill(0.1), ...Array<number>(5).fill(0.9)];
    reader.figures.set('ask', statsOfValues(values, 'ms'));
    reader.figures.set('share', statsOfValues(values, 'ratio'));
    book.add({ name: 'ms', metric: 'ask', when: { above: 0.5 } });
    book.add({ name: 'p99', metric: 'ask', stat: 'p99', when: { above: 0.5 } });
    book.add({ name: 'share', metric: 'share', when: { above: 0.5 } });
    book.add({ name: 'count', metric: 'share', stat: 'count', when: { above: 99 } });
    book.add({ name: 'rate', metric: 'share', stat: 'ratePerMinute', when: { above: 20 } });
    book.tick();
    const found = book.status().map(({ name, value, state }) => [name, Number(value!.toFixed(2)), state]);
    expect(found).toEqual([
      ['ms', 0.1, 'inactive'],
      ['p99', 0.9, 'firing'],
      ['share', 0.14, 'inactive'],
      ['count', 100, 'firing'],
      ['rate', 20, 'inactive'],
    ]);
    expect(book.history().map(({ name, unit }) => [name, unit])).toEqual([
      ['p99', 'ms'],
      ['count', 'count'],
    ]);
  });

  it('has no data with fewer values than it needs', () => {
    const { book, reader } = alertWorld();
    book.add({ metric: 'ask', when: { above: 3_000 }, minCount: 20 });
    reader.figures.set('ask', statsOfValues(Array<number>(19).fill(9_000)));
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'inactive', value: null }]);
    reader.figures.set('ask', statsOfValues(Array<number>(20).fill(9_000)));
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'firing', value: 9_000 }]);
  });

  it('takes an empty window for 0 where it is told to: what no longer happens is noticed', () => {
    const { book, reader, events } = alertWorld();
    book.add({ metric: 'heartbeat', stat: 'count', when: { below: 1 }, minCount: 0, for: 0 });
    reader.figures.set('heartbeat', statsOfValues([1], 'count'));
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'inactive', value: 1 }]);
    reader.figures.delete('heartbeat');
    book.tick();
    expect(events).toMatchObject([{ value: 0, unit: 'count', samples: 0, threshold: 1 }]);
  });

  it('asks functions of the host, with the value and all figures', () => {
    const { book, reader } = alertWorld();
    book.add({
      name: 'spread',
      metric: 'ask',
      stat: 'p99',
      when: (value, stats) => value > 3 * stats.p50,
      resolve: (value) => value < 1_000,
    });
    const states = [
      [100, 100],
      [100, 5_000],
      [4_000, 4_000],
      [900, 900],
    ].map((values) => {
      reader.figures.set('ask', statsOfValues(values));
      book.tick();
      return book.status()[0]!.state;
    });
    expect(states).toEqual(['inactive', 'firing', 'firing', 'inactive']);
    expect(book.history()).toMatchObject([{ threshold: null, condition: 'ask p99 by a function over 5m' }]);
  });

  it('keeps firing without data where it is told to', () => {
    const { book, look, told } = alertWorld();
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 }, onNoData: 'keep' });
    look(2);
    for (let i = 0; i < 10; i++) expect(look(null)).toBe('firing');
    expect(look(1)).toBe('inactive');
    expect(told).toEqual(['1s alert slow', '12s resolved slow']);
  });

  it('says, when it resolves without data, that there is none', () => {
    const { book, look, events } = alertWorld();
    book.add({ metric: 'ask', when: { above: 1 } });
    look(2);
    look(null);
    expect(events[1]).toMatchObject({ value: null, unit: 'ms', samples: 0, threshold: 1 });
  });

  it('reads figures once for all rules that look at them', () => {
    const { book, reader } = alertWorld();
    for (const stat of ['p50', 'p95', 'max'] as const) book.add({ metric: 'ask', stat, when: { above: 10 } });
    book.add({ metric: 'ask', when: { above: 20 }, window: '1m' });
    book.add({ metric: 'ask', when: { above: 30 }, labels: { tenant: 'a' } });
    reader.figures.set('ask', statsOfValues([1]));
    book.tick();
    expect(reader.reads).toEqual([
      { name: 'ask', windowMs: 300_000, exemplars: 0 },
      { name: 'ask', windowMs: 60_000, exemplars: 0 },
      { name: 'ask', windowMs: 300_000, exemplars: 0, labels: { tenant: 'a' } },
    ]);
    book.tick();
    expect(reader.reads).toHaveLength(6);
  });
});

describe('trouble with one rule', () => {
  it.each<[what: string, when: () => unknown, message: RegExp]>([
    [
      'a function that throws',
      () => {
        throw new Error('not ready');
      },
      /not ready/,
    ],
    ['a function that answers something else', () => 1, /must answer true or false, at once, not 1/],
    [
      'a function that promises',
      async () => Promise.reject(new Error('later')),
      /must answer true or false, at once, not an instance of Promise/,
    ],
  ])('leaves it as it is, is reported, and leaves the others alone: %s', async (_what, when, message) => {
    const { book, look, told, troubles } = alertWorld();
    book.add({ name: 'bad', metric: 'ask', when: when as () => boolean });
    book.add({ name: 'good', metric: 'ask', when: { above: 1 } });
    look(2);
    await flushMicrotasks();
    expect(told).toEqual(['1s alert good']);
    expect(troubles).toEqual([expect.stringMatching(/^alert rule "bad": /)]);
    expect(troubles[0]).toMatch(message);
    expect(book.status()[0]).toMatchObject({ state: 'inactive', value: null });
  });

  it('where a time is compared with what is none: is reported, and never fires', () => {
    const { book, reader, troubles, told } = alertWorld();
    reader.figures.set('tokens', statsOfValues([5_000], 'count'));
    book.add({ name: 'tokens', metric: 'tokens', when: { above: '3s' } });
    book.tick();
    expect(told).toEqual([]);
    expect(troubles).toEqual(['alert rule "tokens": its threshold is a time, but the metric "tokens" is in count']);
  });

  it('where its metric cannot be read: keeps firing, and is reported', () => {
    const { book, reader, troubles, look } = alertWorld();
    book.add({ name: 'slow', metric: 'ask', when: { above: 1 } });
    look(2);
    reader.figures.set('ask', new Error('gone'));
    book.tick();
    expect(book.status()).toMatchObject([{ state: 'firing' }]);
    expect(troubles).toEqual(['alert rule "slow": gone']);
    expect(look(1)).toBe('inactive');
  });

  it('and with listeners reaches nobody', () => {
    const fail = (what: string) => () => {
      throw new Error(what);
    };
    const { book, look } = alertWorld([], {
      onAlert: fail('alert'),
      onResolved: fail('resolved'),
      onTrouble: fail('trouble'),
    });
    book.add({ metric: 'ask', when: { above: 1 } });
    expect(look(2)).toBe('firing');
    expect(look(1)).toBe('inactive');
    expect(look(2)).toBe('firing');
  });
});

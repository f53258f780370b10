import { describe, expect, it } from 'vitest';
import { applyDelta } from '../../src/monitor/dashboard/apply-delta.js';
import type { DashboardView } from '../../src/monitor/dashboard/dashboard-view.js';
import { DeltaBook } from '../../src/monitor/dashboard/delta-book.js';
import { FiguresBook } from '../../src/monitor/dashboard/figures-book.js';
import { LiveReading } from '../../src/monitor/dashboard/live-reading.js';
import type { DashboardDelta, DashboardSnapshot } from '../../src/monitor/dashboard/snapshot.js';
import { SeededRandom, seedOf } from '../random.js';
import { fullReader, ReaderDouble } from './reader-double.js';
import { snapshotOf } from './snapshot-of.js';

const CAN = { profile: false, download: false };

/** A page and what it was sent, one delta for each step. */
class Page {
  readonly book: DeltaBook;
  readonly figures: FiguresBook;
  state: DashboardSnapshot;

  constructor(
    readonly reader: ReaderDouble,
    readonly view: DashboardView = { windowMs: 300_000, series: [] },
  ) {
    this.book = new DeltaBook(view);
    this.figures = new FiguresBook(reader);
    this.state = this.book.snapshot(this.#reading());
  }

  step(ms = 1_000): DashboardDelta {
    this.reader.time += ms;
    const delta = JSON.parse(JSON.stringify(this.book.delta(this.#reading()))) as DashboardDelta;
    this.state = applyDelta(this.state, delta);
    return delta;
  }

  /** Sends what had no room at once. */
  settle(): void {
    let parts: number;
    do parts = Object.keys(this.step(0)).length;
    while (parts > 2);
  }

  #reading(): LiveReading {
    return new LiveReading(this.reader, CAN, this.figures);
  }
}

/**
 * Without figures, which may be some seconds old, without how long an empty slot has been under way, and without what was under
 * way in old slots, which the double does not remember.
 */
function steady(snapshot: DashboardSnapshot): object {
  const { series, stages: _stages, demand, ...rest } = snapshot;
  const points = series.map((one) => [
    one.name,
    one.role,
    one.count,
    one.points.map((p) => (p.count === 0 ? p.at : p)),
  ]);
  return { ...rest, points, demand: demand.map(({ at, ms, started, ended }) => ({ at, ms, started, ended })) };
}

describe('a delta', () => {
  it('without news holds the time and the slot of demand under way, and nothing else', () => {
    const reader = new ReaderDouble();
    const page = new Page(reader);
    const delta = page.step();
    expect(Object.keys(delta).sort()).toEqual(['at', 'demand']);
    expect(delta.demand).toHaveLength(2);
  });

  it('holds the last two points of a series that has new values, not the others', () => {
    const reader = fullReader();
    const page = new Page(reader);
    page.step(5_000);
    reader.add('embed', 'ms', [12], { model: 'small' }, reader.time);
    const embed = page.step(100).series?.find(({ name }) => name === 'embed');
    expect(embed?.points).toHaveLength(2);
    expect(embed?.points?.at(-1)).toMatchObject({ count: 1, max: 12 });
    expect(page.step(100).series?.some(({ name }) => name === 'similarity')).not.toBe(true);
  });

  it('brings every part up to date, when each of them has changed', () => {
    const reader = new ReaderDouble();
    const page = new Page(reader);
    // But for the past of series, which does not change.
    Object.assign(reader, fullReader(), { list: [] });
    page.settle();
    const now = snapshotOf(reader, page.view);
    expect(steady(page.state)).toEqual(steady(now));
    expect(now.incidents.length).toBeGreaterThan(0);
  });

  it('after a pause holds every point since', () => {
    const reader = new ReaderDouble();
    reader.add('request', 'ms', [1], {}, reader.time);
    const page = new Page(reader);
    const missed = Array.from({ length: 8 }, (_, i) => reader.time + 5_000 * (i + 1));
    for (const at of missed) reader.add('request', 'ms', [at % 97], {}, at);
    page.step(40_000);
    expect(steady(page.state)).toEqual(steady(snapshotOf(reader, page.view)));
    expect(page.state.series[0]!.points.filter(({ count }) => count > 0)).toHaveLength(9);
  });

  it('has a series that is new whole, and lets those go that are no longer shown', () => {
    const reader = new ReaderDouble();
    for (let i = 0; i < 20; i++)
      reader.add(
        `s${i}`,
        'ms',
        Array.from({ length: 40 - i }, () => 5),
        {},
        reader.time,
      );
    const page = new Page(reader);
    expect(page.state.shown).toContain('s19');
    reader.add(
      'risen',
      'bytes',
      Array.from({ length: 100 }, () => 7),
      {},
      reader.time,
    );
    const delta = page.step();
    const risen = delta.series?.find(({ name }) => name === 'risen');
    expect(risen).toMatchObject({ unit: 'bytes', role: 'top', count: 100 });
    expect(risen?.points?.length).toBeGreaterThan(50);
    expect(page.state.shown).not.toContain('s19');
    expect(page.state.series.map(({ name }) => name)).toEqual(page.state.shown);
    // It comes back, and is whole again.
    reader.add(
      's19',
      'ms',
      Array.from({ length: 200 }, () => 5),
      {},
      reader.time,
    );
    page.step();
    expect(page.state.series.find(({ name }) => name === 's19')!.points.length).toBeGreaterThan(50);
  });

  it('renews the figures of a window within eight seconds, those of the operation at once, never all in one', () => {
    const reader = new ReaderDouble();
    const names = ['request', ...Array.from({ length: 15 }, (_, i) => `s${i}`)];
    for (const name of names) reader.add(name, 'ms', [1], {}, reader.time);
    const page = new Page(reader);
    for (const name of names) reader.add(name, 'ms', [2], {}, reader.time);
    const counts = (): (number | undefined)[] => page.state.series.map(({ stats }) => stats.all?.count);
    const fresh = (): (number | undefined)[] =>
      snapshotOf(reader, page.view).series.map(({ stats }) => stats.all?.count);
    page.step(1);
    expect(counts()[0]).toBe(fresh()[0]);
    let most = 0;
    for (let i = 0; i < 8; i++) {
      const before = counts();
      page.step(1_000);
      most = Math.max(most, counts().filter((count, j) => count !== before[j]).length);
    }
    expect(counts()).toEqual(fresh());
    expect(most).toBeLessThan(counts().length / 2);
  });

  it('stays below 20 kB whatever changes, and what has to wait comes with the next ones', () => {
    const reader = new ReaderDouble();
    const page = new Page(reader);
    const long = 'x'.repeat(150);
    const change = (round: number): void => {
      for (let i = 0; i < 30; i++)
        reader.add(`a series with a rather long name ${i}`, 'ms', [round + 0.123, 1e9], {}, reader.time);
      reader.attachmentReadings = Array.from({ length: 40 }, (_, i) => ({
        ...{ name: `attachment ${i}`, kind: 'cache' as const, gauges: {}, reasons: {}, states: { long } },
        counters: { hits: round * 1_000 + i },
      }));
      reader.alertStatuses = Array.from({ length: 60 }, (_, i) => ({
        ...{ name: `alert ${i}`, severity: 'warning' as const, state: 'pending' as const, since: round, threshold: 1 },
        ...{ value: round, unit: null, condition: long },
      }));
    };
    for (let round = 1; round <= 20; round++) {
      change(round);
      expect(JSON.stringify(page.step()).length).toBeLessThan(20_000);
    }
    page.settle();
    expect(steady(page.state)).toEqual(steady(snapshotOf(reader, page.view)));
  });

  it('starves nothing: every part arrives although all change at every step', () => {
    const reader = new ReaderDouble();
    const page = new Page(reader);
    const seen = new Set<string>();
    for (let round = 1; round <= 30; round++) {
      reader.attachmentReadings = Array.from({ length: 40 }, (_, i) => ({
        ...{ name: `${i}`, kind: 'cache' as const, counters: { hits: round }, gauges: {}, reasons: {} },
        states: { long: 'x'.repeat(1_000) },
      }));
      for (const { name } of page.step().attachments ?? []) seen.add(name);
    }
    expect(seen.size).toBe(40);
  });

  it.each([300_000, 3_600_000])(
    'makes of a page what a fresh snapshot would be, whatever happens (window %i ms)',
    (windowMs) => {
      const random = new SeededRandom(seedOf('dashboard deltas'));
      const reader = fullReader();
      // The double counts all of its values for each point.
      reader.list = reader.list.filter(({ samples }) => samples.length < 500);
      const page = new Page(reader, { windowMs, series: ['asked', 'similarity'] });
      const names = ['request', 'embed', 'asked', 'similarity', ...Array.from({ length: 26 }, (_, i) => `n${i}`)];
      const recent: DashboardSnapshot[] = [page.state];
      for (let round = 0; round < 40; round++) {
        for (let i = random.below(8); i > 0; i--) {
          const labels = random.pick([
            {},
            { cache: 'hit' },
            { cache: 'miss' },
            { cache: 'miss', error: random.pick(['A', 'B']) },
          ]);
          const values = Array.from({ length: 1 + random.below(20) }, () => random.next() * 1_000);
          reader.add(random.pick(names), 'ms', values, labels, reader.time);
        }
        if (random.chance(0.2)) reader.running['request'] = random.below(9);
        if (random.chance(0.1)) reader.alertStatuses = reader.alertStatuses.filter(() => random.chance(0.8));
        if (random.chance(0.1)) reader.markList.push({ name: `m${round}`, at: reader.time, metadata: { round } });
        if (random.chance(0.2))
          reader.attachmentReadings = fullReader().attachmentReadings.filter(() => random.chance(0.7));
        if (random.chance(0.1))
          reader.resource = random.chance(0.3) ? null : { ...fullReader().resource!, at: reader.time };
        if (random.chance(0.05)) reader.profileList = reader.profileList.slice(0, random.below(3));
        page.step(random.chance(0.05) ? random.below(400_000) : 1 + random.below(2_000));
        page.settle();
        const fresh = snapshotOf(reader, page.view);
        expect(steady(page.state)).toEqual(steady(fresh));
        recent.push(fresh);
        while (recent[0]!.at < reader.time - 10_000) recent.shift();
        for (const { name, stats } of page.state.series) {
          const known = recent.map((one) => one.series.find((series) => series.name === name)?.stats);
          expect(known).toContainEqual(stats);
        }
      }
    },
  );
});

import type { MonitorReader, SeriesReader, TimelinePoint } from '../monitor-reader.js';
import type { ProfileEntry } from '../profiling/profile-entry.js';
import { type DashboardView, pointMsOf } from './dashboard-view.js';
import { FiguresBook } from './figures-book.js';
import { incidentViews } from './incident-view.js';
import { cut, plainFacts } from './plain-facts.js';
import { requestView } from './request-view.js';
import { rounded } from './rounded.js';
import { type ShownSeries, shownSeries } from './shown-series.js';
import type { DashboardSnapshot, ProfileView, SeriesView } from './snapshot.js';

const MOST_SLOWEST = 10;
const MOST_MARKS = 50;
const MOST_PROFILES = 10;
const MOST_FUNCTIONS = 8;

/** What the server lets the page do. */
export type Abilities = DashboardSnapshot['can'];

/** Parts of a snapshot that are the same for every view. */
type CommonParts = Omit<DashboardSnapshot, 'windowMs' | 'pointMs' | 'shown' | 'series' | 'stages'>;

/**
 * The monitor read at one moment, for any number of pages: each figure is read once, when the first page asks for it. It must
 * not be kept for longer than a second.
 */
export class LiveReading {
  readonly at: number;
  readonly reader: MonitorReader;
  readonly #can: Abilities;
  readonly #book: FiguresBook;
  readonly #memo = new Map<string, unknown>();

  constructor(reader: MonitorReader, can: Abilities, book: FiguresBook = new FiguresBook(reader)) {
    this.reader = reader;
    this.at = Math.round(reader.now());
    this.#can = can;
    this.#book = book;
  }

  /** What a page is sent at connect. */
  snapshot(view: DashboardView): DashboardSnapshot {
    const { windowMs } = view;
    const shown = this.shown(view);
    return {
      ...this.common(),
      windowMs,
      pointMs: pointMsOf(windowMs, this.reader),
      shown: shown.map(({ name }) => name),
      series: shown.map((series) => this.series(series, windowMs)),
      stages: this.stages(windowMs),
    };
  }

  common(): CommonParts {
    return this.#once('common', () => commonParts(this.reader, this.at, this.#can));
  }

  shown(view: DashboardView): readonly ShownSeries[] {
    const names = this.#once('names', () => this.reader.names());
    return shownSeries(names, this.reader.operation, view.series);
  }

  series({ name, unit, role, count }: ShownSeries, windowMs: number): SeriesView {
    return { name, unit, role, count, points: this.points(name, windowMs), stats: this.#stats(name, windowMs) };
  }

  /** A series without its points. */
  figures({ name, unit, role, count }: ShownSeries, windowMs: number): Omit<SeriesView, 'points'> {
    return { name, unit, role, count, stats: this.#stats(name, windowMs) };
  }

  /** @param last - how many points, the newest ones; by default all of the window */
  points(name: string, windowMs: number, last?: number): readonly TimelinePoint[] {
    const { reader } = this;
    const pointMs = pointMsOf(windowMs, reader);
    // Five coarse slots or less would come as fine ones.
    const least = pointMs === reader.coarseMs ? 6 * pointMs : pointMs;
    const askedMs = last === undefined ? windowMs : Math.min(windowMs, Math.max(last * pointMs, least));
    const points = this.#once(`points ${pointMs} ${askedMs} ${name}`, () =>
      rounded(reader.timeline(name, { windowMs: askedMs })),
    );
    return last === undefined ? points : points.slice(-last);
  }

  stages(windowMs: number): DashboardSnapshot['stages'] {
    return this.#once(`stages ${windowMs}`, () => this.#book.stages(windowMs, this.#allSeries(), this.at));
  }

  #stats(name: string, windowMs: number): SeriesView['stats'] {
    return this.#once(`stats ${windowMs} ${name}`, () => this.#book.stats(name, windowMs, this.#allSeries(), this.at));
  }

  #allSeries(): readonly SeriesReader[] {
    return this.#once('series', () => this.reader.series());
  }

  #once<Value>(key: string, read: () => Value): Value {
    const known = this.#memo.get(key) as Value | undefined;
    if (known !== undefined) return known;
    const value = read();
    this.#memo.set(key, value);
    return value;
  }
}

function commonParts(reader: MonitorReader, at: number, can: Abilities): CommonParts {
  const { operation } = reader;
  const attachments = reader.attachments();
  return {
    ...rounded({
      at,
      startedAt: reader.startedAt,
      operation,
      longestWindowMs: reader.windowMs,
      can,
      names: reader.names().length,
      inFlight: reader.inFlight(operation),
      demand: reader.demand(operation),
      resources: reader.resources(),
      targets: reader.targets(),
      alerts: reader.alerts(),
      incidents: incidentViews(reader.incidents()),
      attached: attachments.map(({ name }) => name),
      attachments,
      profiles: newestFirst(reader.profiles()).map(profileView),
      troubles: reader.troubles(),
    }),
    slowest: reader.slowest(operation, MOST_SLOWEST).map(requestView),
    marks: reader
      .marks()
      .slice(-MOST_MARKS)
      .map((mark) => ({ name: cut(mark.name), at: Math.round(mark.at), metadata: plainFacts(mark.metadata) })),
  };
}

function newestFirst(profiles: readonly ProfileEntry[]): readonly ProfileEntry[] {
  return [...profiles].sort((a, b) => b.startedAt - a.startedAt).slice(0, MOST_PROFILES);
}

function profileView({ file, kind, startedAt, ms, bytes, reason, top }: ProfileEntry): ProfileView {
  return { file, kind, startedAt, ms, bytes, reason, top: top.slice(0, MOST_FUNCTIONS) };
}

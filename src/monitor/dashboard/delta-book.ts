import type { DemandSlot, TimelinePoint } from '../monitor-reader.js';
import { type DashboardView, pointMsOf } from './dashboard-view.js';
import type { LiveReading } from './live-reading.js';
import type { ShownSeries } from './shown-series.js';
import type { DashboardDelta, DashboardSnapshot, SeriesDelta, SeriesView } from './snapshot.js';

/** What the parts of a delta have room for, in characters of JSON; a single part that is larger goes alone. */
const ROOM = 16_000;

/** Few characters, and what the merging of other parts leans on: in every delta that they changed for. */
const FIRST = ['shown', 'attached', 'inFlight'] as const;
const REPLACED = [
  'resources',
  'targets',
  'alerts',
  'incidents',
  'stages',
  'slowest',
  'marks',
  'profiles',
  'troubles',
  'names',
  'can',
] as const;

/** In the place of a name: no series is called so, names are not empty. */
const DEMAND = '';

/** A part that the page does not have in this state. */
interface News {
  readonly characters: number;
  /** Puts it into a delta, and notes that the page has it. */
  put(draft: Draft): void;
}

type Writable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

interface Draft extends Omit<Writable<DashboardDelta>, 'series' | 'attachments'> {
  readonly series: SeriesDelta[];
  readonly attachments: NonNullable<DashboardDelta['attachments']>[number][];
}

/**
 * What one page has been sent, and so what is new to it. What does not fit into a delta waits for the next one, first in line;
 * a page that was sent nothing for a while gets every point since.
 */
export class DeltaBook {
  readonly #view: DashboardView;
  /** The last state sent of each part, as JSON. */
  readonly #sent = new Map<string, string>();
  /** Until when the page knows the points of a series, and those of the demand. */
  readonly #knownAt = new Map<string, number>();
  /** The first part that had no room the last time. */
  #waiting: string | undefined;

  constructor(view: DashboardView) {
    this.#view = view;
  }

  /** Everything, for a page that has nothing. */
  snapshot(reading: LiveReading): DashboardSnapshot {
    const snapshot = reading.snapshot(this.#view);
    this.#sent.clear();
    this.#knownAt.clear();
    for (const part of [...FIRST, ...REPLACED]) this.#sent.set(part, JSON.stringify(snapshot[part]));
    for (const attachment of snapshot.attachments) {
      this.#sent.set(`attachment ${attachment.name}`, JSON.stringify(attachment));
    }
    this.#knownAt.set(DEMAND, snapshot.at);
    for (const { points, ...figures } of snapshot.series) this.#noteSeries(figures, points, snapshot.at);
    return snapshot;
  }

  delta(reading: LiveReading): DashboardDelta {
    const { windowMs } = this.#view;
    const shown = reading.shown(this.#view);
    const parts = { ...reading.common(), shown: shown.map(({ name }) => name), stages: reading.stages(windowMs) };
    this.#forget(parts.shown, parts.attached);
    const draft: Draft = { at: reading.at, demand: this.#demand(parts.demand, reading), series: [], attachments: [] };
    for (const part of FIRST) this.#replaced(part, parts)?.put(draft);
    this.#fill(draft, [
      ...shown.map((one): Offer => [`series ${one.name}`, () => this.#series(one, reading)]),
      ...REPLACED.map((part): Offer => [part, () => this.#replaced(part, parts)]),
      ...parts.attachments.map((one): Offer => [`attachment ${one.name}`, () => this.#attachment(one)]),
    ]);
    return withoutEmpty(draft);
  }

  #fill(draft: Draft, offers: readonly Offer[]): void {
    const start = Math.max(
      0,
      offers.findIndex(([key]) => key === this.#waiting),
    );
    this.#waiting = undefined;
    let room = ROOM;
    for (const [key, offer] of [...offers.slice(start), ...offers.slice(0, start)]) {
      const news = offer();
      if (news === undefined) continue;
      if (news.characters > room && room < ROOM) {
        this.#waiting ??= key;
        continue;
      }
      news.put(draft);
      room -= news.characters;
    }
  }

  #replaced<Part extends keyof Draft & (typeof FIRST | typeof REPLACED)[number]>(
    part: Part,
    parts: Pick<DashboardSnapshot, Part>,
  ): News | undefined {
    return this.#changed(part, parts[part], (draft) => Object.assign(draft, { [part]: parts[part] }));
  }

  /** Its last slot grows at every moment: never the same. */
  #demand(demand: readonly DemandSlot[], { at, reader }: LiveReading): readonly DemandSlot[] {
    const known = this.#knownAt.get(DEMAND) ?? 0;
    this.#knownAt.set(DEMAND, at);
    return demand.slice(-slotsSince(known, at, reader.coarseMs));
  }

  #attachment(reading: Draft['attachments'][number]): News | undefined {
    return this.#changed(`attachment ${reading.name}`, reading, (draft) => draft.attachments.push(reading));
  }

  #changed(key: string, value: unknown, put: (draft: Draft) => void): News | undefined {
    const state = JSON.stringify(value);
    if (this.#sent.get(key) === state) return undefined;
    return {
      characters: state.length,
      put: (draft) => {
        put(draft);
        this.#sent.set(key, state);
      },
    };
  }

  #series(shown: ShownSeries, reading: LiveReading): News | undefined {
    const { name } = shown;
    const { windowMs } = this.#view;
    const knownAt = this.#knownAt.get(name);
    const missing =
      knownAt === undefined ? undefined : slotsSince(knownAt, reading.at, pointMsOf(windowMs, reading.reader));
    const points = reading.points(name, windowMs, missing);
    const figures = reading.figures(shown, windowMs);
    const { stats, ...facts } = figures;
    const news: SeriesDelta = {
      ...(this.#sent.get(`facts ${name}`) === JSON.stringify(facts) ? { name } : facts),
      ...(this.#sent.get(`stats ${name}`) === JSON.stringify(stats) ? {} : { stats }),
      ...(this.#sent.get(`points ${name}`) === pointsState(points) ? {} : { points }),
    };
    if (Object.keys(news).length === 1) {
      this.#knownAt.set(name, reading.at);
      return undefined;
    }
    return {
      characters: JSON.stringify(news).length,
      put: (draft) => {
        draft.series.push(news);
        this.#noteSeries(figures, points, reading.at);
      },
    };
  }

  #noteSeries({ stats, ...facts }: Omit<SeriesView, 'points'>, points: readonly TimelinePoint[], at: number): void {
    const { name } = facts;
    this.#sent.set(`facts ${name}`, JSON.stringify(facts));
    this.#sent.set(`stats ${name}`, JSON.stringify(stats));
    this.#sent.set(`points ${name}`, pointsState(points));
    this.#knownAt.set(name, at);
  }

  /** The page lets go of what is no longer shown: if it comes back, it is new. */
  #forget(shown: readonly string[], attached: readonly string[]): void {
    const kept = new Set([
      ...[...FIRST, ...REPLACED],
      ...shown.flatMap((name) => [`facts ${name}`, `stats ${name}`, `points ${name}`]),
      ...attached.map((name) => `attachment ${name}`),
    ]);
    for (const key of this.#sent.keys()) if (!kept.has(key)) this.#sent.delete(key);
    for (const name of this.#knownAt.keys())
      if (name !== DEMAND && !kept.has(`points ${name}`)) this.#knownAt.delete(name);
  }
}

type Offer = readonly [key: string, offer: () => News | undefined];

/** How many of the newest points may differ from those known at `knownAt`: two at the least. */
function slotsSince(knownAt: number, now: number, slotMs: number): number {
  return Math.max(1, Math.ceil((now - knownAt) / slotMs)) + 1;
}

/** That an empty slot under way has become longer is no news. */
function pointsState(points: readonly TimelinePoint[]): string {
  return points
    .slice(-2)
    .map((point) => (point.count === 0 ? `${point.at}` : JSON.stringify(point)))
    .join();
}

function withoutEmpty({ series, attachments, ...rest }: Draft): DashboardDelta {
  return {
    ...rest,
    ...(series.length > 0 ? { series } : {}),
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}

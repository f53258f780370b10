import { type ModuleChannels, moduleChannels } from '../core/channel.js';
import type { Clock } from '../core/clock.js';
import { ownText } from '../core/own-text.js';
import type { DemandBook } from './demand-book.js';
import { EndCheck } from './end-check.js';
import type { Exemplar, Labels, Metadata, StageTime } from './exemplar.js';
import type { ExemplarBook } from './exemplar-book.js';
import { heldLabels, NO_LABELS, plainLabels } from './labels.js';
import { addFacts, heldFacts } from './metadata.js';
import type { RecordingGate } from './series.js';
import type { SeriesBook } from './series-book.js';
import { ABANDONED, type EndedTimer, RunningTimer, type Timer, type TimerEnd, type TimerHost } from './timer.js';
import type { TimerEndEvent, TimerStartEvent } from './timer-events.js';

/** What a monitor's timers write to. */
export interface TimerBookParts {
  readonly monitorId: string;
  readonly clock: Clock;
  readonly series: SeriesBook;
  readonly exemplars: ExemplarBook;
  readonly demand: DemandBook;
  readonly gate: RecordingGate;
  onTrouble(error: unknown, during: string): void;
}

/** Names of the series beside that of a timer. */
interface SeriesNames {
  readonly stage: string;
  readonly firstChunk: string;
  readonly betweenChunks: string;
}

const MOST_NAMES = 1_000;

type TimerChannel = 'timer:start' | 'timer:end';

/** Starts timers, and records those that end: their time, their stages, the slowest of them in full. */
export class TimerBook implements TimerHost {
  readonly #parts: TimerBookParts;
  readonly #channels: ModuleChannels<TimerChannel> = moduleChannels<TimerChannel>('monitor');
  readonly #started: ReturnType<ModuleChannels<TimerChannel>> = this.#channels('timer:start');
  readonly #ended: ReturnType<ModuleChannels<TimerChannel>> = this.#channels('timer:end');
  readonly #names = new Map<string, SeriesNames>();
  readonly #ends: EndCheck;
  #lastId = 0;

  constructor(parts: TimerBookParts) {
    this.#parts = parts;
    this.#ends = new EndCheck((error, during) => parts.onTrouble(error, during));
  }

  start(name: string, labels: Labels | undefined): Timer {
    const at = this.now();
    const id = ++this.#lastId;
    const own = labels === undefined ? undefined : heldLabels(labels);
    this.#parts.demand.start(name, at);
    if (this.#started.hasSubscribers) {
      const event: TimerStartEvent = { monitor: this.#parts.monitorId, id, name, labels: labelsOf(own), at };
      this.#started.publish(event);
    }
    return new RunningTimer(this, id, name, own, at);
  }

  now(): number {
    return this.#parts.clock.now();
  }

  chunkCame(name: string, labels: Labels | undefined, ms: number, isFirst: boolean): void {
    if (!this.#parts.gate.open) return;
    const { firstChunk, betweenChunks } = this.#namesOf(name);
    this.#parts.series.get(isFirst ? firstChunk : betweenChunks, labels, 'ms').record(ms);
  }

  ended(timer: EndedTimer): void {
    const { name, ms, labels, error, stages } = timer;
    const cache = timer.cache ?? cacheOf(labels);
    const { series, demand } = this.#parts;
    demand.end(name, timer.at, ms, error !== undefined || isFailure(labels));
    // Begun before the monitor was switched off or closed.
    if (!this.#parts.gate.open) return;
    if (labels?.['ended'] === ABANDONED) {
      // Its time is that of the garbage collector: no figure of the requests.
      series.get(`${name}_abandoned`, undefined, 'ms').record(ms);
      return;
    }
    const all = error === undefined && cache === undefined ? labels : { ...labels, ...withEnd(error, cache) };
    series.get(name, all, 'ms').record(ms);
    for (const stage of stages) this.stageEnded(name, labels, stage);
    this.#keep(name, ms, timer.at + ms, () => exemplarOf(timer, labelsOf(all)));
    if (this.#ended.hasSubscribers) {
      const event: TimerEndEvent = {
        monitor: this.#parts.monitorId,
        ...timer,
        labels: labelsOf(all),
        ...(cache !== undefined && { cache }),
      };
      this.#ended.publish(event);
    }
  }

  checkEnd(name: string, end: TimerEnd): void {
    this.#ends.check(name, end);
  }

  stageEnded(name: string, labels: Labels | undefined, { name: stage, labels: own, ms }: StageTime): void {
    if (!this.#parts.gate.open) return;
    const all = labels === undefined && own === undefined ? { stage } : { ...labels, ...own, stage };
    this.#parts.series.get(this.#namesOf(name).stage, all, 'ms').record(ms);
  }

  /** A value that was recorded with facts: kept like a request when it is among the largest. */
  recorded(name: string, value: number, labels: Labels | undefined, metadata: Metadata): void {
    const now = this.now();
    // As the series has it: what it has rejected is no exemplar of it.
    if (!this.#parts.gate.open || typeof value !== 'number' || !(value >= 0 && value < Number.POSITIVE_INFINITY))
      return;
    this.#keep(name, value, now, () => {
      const facts: Record<string, unknown> = {};
      addFacts(facts, metadata);
      return { name, at: now, value, labels: labelsOf(labels), stages: [], metadata: heldFacts(facts) };
    });
  }

  /** Kept, since a text that is put together anew has to be hashed anew too. */
  #namesOf(name: string): SeriesNames {
    let names = this.#names.get(name);
    if (!names) {
      names = { stage: `${name}_stage`, firstChunk: `${name}_first_chunk`, betweenChunks: `${name}_between_chunks` };
      if (this.#names.size < MOST_NAMES) this.#names.set(name, names);
    }
    return names;
  }

  #keep(name: string, value: number, now: number, make: () => Exemplar): void {
    const { exemplars } = this.#parts;
    if (exemplars.admits(name, value, now)) exemplars.add(make(), now);
  }
}

/** Said by a label, as a wrapper's labels callback can: the series of such a request has the label. */
function isFailure(labels: Labels | undefined): boolean {
  const error: unknown = labels?.['error'];
  return error !== undefined && error !== null && error !== '' && error !== false;
}

/** Said by a label, as a wrapper's labels callback can. */
function cacheOf(labels: Labels | undefined): 'hit' | 'miss' | undefined {
  const cache = labels?.['cache'];
  return cache === 'hit' || cache === 'miss' ? cache : undefined;
}

function withEnd(error: string | undefined, cache: string | undefined): Record<string, string> {
  return { ...(error !== undefined && { error }), ...(cache !== undefined && { cache }) };
}

function labelsOf(labels: Labels | undefined): Readonly<Record<string, string>> {
  return labels === undefined ? NO_LABELS : plainLabels(labels);
}

function exemplarOf(timer: EndedTimer, labels: Readonly<Record<string, string>>): Exemplar {
  const { name, at, ms, metadata, error } = timer;
  const stages = timer.stages.map((stage) => Object.freeze({ ...stage, name: ownText(stage.name) }));
  return {
    ...{ name, at, value: ms, labels, stages: Object.freeze(stages), metadata: heldFacts(metadata) },
    ...(error !== undefined && { error: ownText(error) }),
  };
}

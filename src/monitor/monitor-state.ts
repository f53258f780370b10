import { randomBytes } from 'node:crypto';
import { HotpathError } from '../core/errors.js';
import type { Mode } from '../core/mode.js';
import { ownText } from '../core/own-text.js';
import { AlertBook } from './alerts/alert-book.js';
import { AttachmentBook } from './attachments/attachment-book.js';
import { closedError } from './closed-error.js';
import { DemandBook } from './demand-book.js';
import type { Metadata } from './exemplar.js';
import { ExemplarBook } from './exemplar-book.js';
import { MergeBook, type MergeResult } from './exports/merge-book.js';
import { MarkBook } from './mark-book.js';
import { addFacts, heldFacts } from './metadata.js';
import { MonitorEventSource } from './monitor-events.js';
import {
  type PerformanceMonitorOptions,
  type ResolvedMonitorOptions,
  resolveMonitorOptions,
} from './monitor-options.js';
import { MonitorView } from './monitor-view.js';
import { systemProcessReader } from './process-reader.js';
import { ProcessSampler } from './process-sampler.js';
import { PROCESS_SERIES, watchProcess } from './process-watch.js';
import { ProfilerSource } from './profiler-source.js';
import type { RecordingGate } from './series.js';
import { SeriesBook } from './series-book.js';
import { type SlotGrid, slotGrid } from './slot-grid.js';
import { checkTargets } from './targets/check-targets.js';
import { type ResolvedTargets, resolveTargets, targetNames } from './targets/target-options.js';
import { TargetTroubles } from './targets/target-troubles.js';
import { Ticker } from './ticker.js';
import { TimerBook } from './timer-book.js';

/** The parts of a monitor, made once and wired to each other. */
export class MonitorState {
  /** Tells monitors of all processes apart. */
  readonly id: string = `${process.pid}-${randomBytes(6).toString('hex')}`;
  readonly options: ResolvedMonitorOptions;
  readonly gate: RecordingGate;
  readonly grid: SlotGrid;
  readonly events: MonitorEventSource;
  readonly series: SeriesBook;
  readonly exemplars: ExemplarBook;
  readonly timers: TimerBook;
  readonly marks: MarkBook = new MarkBook();
  readonly targets: ResolvedTargets;
  readonly sampler: ProcessSampler;
  readonly attachments: AttachmentBook;
  readonly alerts: AlertBook;
  readonly profiler: ProfilerSource;
  readonly merged: MergeBook = new MergeBook();
  readonly view: MonitorView;
  readonly ticker: Ticker;
  #mode: Mode;
  #isClosed = false;

  constructor(given: PerformanceMonitorOptions) {
    this.options = resolveMonitorOptions(given);
    const { clock, operation, windowMs, maxSeries, mode } = this.options;
    this.targets = resolveTargets(given.targets, windowMs);
    const trouble = (error: unknown, during: string): void => this.events.trouble(error, during);
    const targetTroubles = new TargetTroubles(trouble);
    this.gate = { open: mode !== 'off' };
    this.grid = slotGrid(windowMs, clock.now());
    this.events = new MonitorEventSource(this.id, this.options.logger, clock);
    this.series = new SeriesBook({
      clock,
      grid: this.grid,
      gate: this.gate,
      maxSeries,
      units: this.options.units,
      operation,
      reserved: [operation, ...Object.values(PROCESS_SERIES)],
      operationTarget: this.targets.responseTimeMs ?? Number.POSITIVE_INFINITY,
      onOverflow: (name) => {
        this.events.warn('no room for a series', { name, maxSeries });
        this.events.emit('overflow', { name, maxSeries });
      },
      onMisuse: (name, what) => {
        const message = `metric ${JSON.stringify(name)}: ${what}`;
        this.events.trouble(new HotpathError(message, { code: 'METRIC_MISUSED' }), 'recording');
      },
    });
    this.exemplars = new ExemplarBook(this.grid);
    const demand = new DemandBook(this.grid, maxSeries, operation);
    const books = { clock, gate: this.gate, series: this.series, exemplars: this.exemplars, demand };
    this.timers = new TimerBook({ monitorId: this.id, onTrouble: trouble, ...books });
    this.sampler = new ProcessSampler(given.processReader ?? systemProcessReader(), clock, {
      ...(this.options.memoryLimitBytes !== undefined && { memoryLimitBytes: this.options.memoryLimitBytes }),
    });
    this.attachments = new AttachmentBook({
      clock,
      onTrouble: trouble,
      onEvent: ({ module, event, namespace, facts, heldBack }) => {
        const more = heldBack > 0 && { heldBack };
        if (this.gate.open) this.mark(`${module}:${event}`, { namespace, ...facts, ...more });
      },
    });
    this.profiler = new ProfilerSource({
      options: given.profiles,
      onBreach: given.profileOnBreach,
      targets: targetNames(this.targets),
      clock,
      onMark: (name, metadata) => this.mark(name, metadata),
      onTrouble: trouble,
    });
    this.view = new MonitorView({
      ...{ operation, clock, grid: this.grid, maxSeries, demand, marks: this.marks },
      ...{ series: this.series, exemplars: this.exemplars },
      targets: () => checkTargets(this.targets, this.view, targetTroubles),
      alerts: () => this.alerts.status(),
      incidents: () => this.alerts.history(),
      attachments: () => this.attachments.readings(),
      resources: () => this.sampler.last(),
      profiles: () => this.profiler.list(),
    });
    this.alerts = new AlertBook({
      reader: this.view,
      clock,
      sinks: this.options.sinks,
      onAlert: (event) => this.events.emit('alert', event),
      onResolved: (event) => this.events.emit('resolved', event),
      onTrouble: trouble,
    });
    this.#mode = mode;
    this.ticker = new Ticker(clock, this.options.intervalMs, (lateMs) => this.tick(lateMs));
    this.#runOrRest();
  }

  get mode(): Mode {
    return this.#mode;
  }

  set mode(mode: Mode) {
    if (this.#mode === 'on' && mode !== 'on' && !this.#isClosed) this.alerts.suspend();
    this.#mode = mode;
    this.gate.open = mode !== 'off' && !this.#isClosed;
    this.#runOrRest();
  }

  mark(name: string, metadata: Metadata): void {
    const facts: Record<string, unknown> = {};
    addFacts(facts, metadata);
    const mark = Object.freeze({ name: ownText(name), at: this.options.clock.now(), metadata: heldFacts(facts) });
    this.marks.add(mark);
    this.events.emit('mark', mark);
  }

  merge(exported: unknown): MergeResult {
    // Its own values are counted already.
    if ((exported as { source?: unknown } | null)?.source === this.id) return { added: 0, skipped: 0 };
    return this.merged.merge(exported, (name, labels, unit) => {
      // What is off counts nothing, and a name has one unit.
      if (!this.gate.open || (this.series.unitOf(name) ?? unit) !== unit) return undefined;
      const series = this.series.get(name, labels, unit);
      return series.unit === unit ? series : undefined;
    });
  }

  tick(lateMs: number): void {
    const { intervalMs } = this.options;
    this.#guarded('reading the process', () => watchProcess(this.sampler, this.series, { lateMs, intervalMs }));
    this.#guarded('reading what is attached', () => this.attachments.sample());
    if (this.#mode === 'observe') return;
    this.#guarded('alerts', () => this.alerts.tick());
    this.#guarded('profiling on breach', () => this.profiler.consider(this.view));
  }

  /** @throws HotpathError `CLOSED` */
  checkOpen(consequence: string): void {
    if (this.#isClosed) throw closedError(consequence);
  }

  /** Ends what runs. What was recorded can still be read. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.gate.open = false;
    this.ticker.stop();
    this.attachments.close();
    await Promise.all([this.alerts.close(), this.profiler.close()]);
  }

  /** What is off costs others nothing either: caches build no events for it. */
  #runOrRest(): void {
    if (this.gate.open) {
      this.attachments.resume();
      this.ticker.start();
    } else {
      this.attachments.pause();
      this.ticker.stop();
    }
  }

  #guarded(during: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.events.trouble(error, during);
    }
  }
}

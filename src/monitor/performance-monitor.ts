import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duration } from '../core/duration.js';
import type { Unsubscribe } from '../core/emitter.js';
import { type Closeable, closeOnce } from '../core/lifecycle.js';
import { checkMode, type Mode } from '../core/mode.js';
import type { SinkStats } from './alerts/alert-delivery.js';
import type { AlertEvent } from './alerts/alert-event.js';
import type { AlertRule } from './alerts/alert-rule.js';
import type { Attachable } from './attachments/attached-shapes.js';
import type { ChannelOptions } from './attachments/channel-counts.js';
import { resolveStatsOptions, type SeriesOptions, type StatsOptions, statedUnit } from './call-options.js';
import { type CallTimingParts, callTiming } from './call-timing.js';
import {
  type DashboardOptions,
  DashboardSource,
  type ServeDashboardOptions,
  type ServedDashboard,
} from './dashboard-source.js';
import type { Labels, Metadata } from './exemplar.js';
import { exportSeries, type MonitorExport } from './exports/histogram-export.js';
import type { MergeResult } from './exports/merge-book.js';
import { prometheusText } from './exports/prometheus-text.js';
import { type PerformanceReport, reportOf } from './exports/report.js';
import { reportHtml } from './exports/report-html.js';
import { reportMarkdown } from './exports/report-markdown.js';
import { checkLabels } from './labels.js';
import { checkMetricName } from './metric-name.js';
import type { MetricStats } from './metric-stats.js';
import type { MonitorEvents } from './monitor-events.js';
import type { PerformanceMonitorOptions } from './monitor-options.js';
import type { CallLabels } from './monitor-performance.js';
import type { MonitorReader } from './monitor-reader.js';
import { MonitorState } from './monitor-state.js';
import type { ProfileRequest } from './profiler-source.js';
import type { ProfileResult } from './profiling/profiler.js';
import type { SeriesHandle } from './series.js';
import type { TargetResult } from './targets/target-result.js';
import { timedCall } from './timed-call.js';
import { NO_TIMER, type Timer } from './timer.js';

/**
 * Measures a service in its own process: times and other figures with their percentiles, targets, alerts, profiles, a live
 * dashboard, and exports for Prometheus and OpenTelemetry.
 *
 * Recording a value touches one slot of memory; everything else is worked out when it is read. Series, slots, exemplars and
 * histories are bounded, so it costs the same after a month as after a day.
 *
 * ```ts
 * const monitor = new PerformanceMonitor({ operation: 'ask' });
 * const ask = monitorPerformance(monitor, 'ask')(askModel);
 * monitor.checkPerformanceTargets(); // { responseTimeP95: { met: true, actual: 1830, target: 3000, ... }, ... }
 * ```
 *
 * @throws InvalidOptionError for bad options
 */
export class PerformanceMonitor implements Closeable {
  /** Tells monitors apart, across processes too. */
  readonly id: string;
  /** Everything there is to read: what reports, exporters and bridges work on. */
  readonly reader: MonitorReader;
  /**
   * Ends ticker, alerts, profiles and dashboards. What was recorded can still be read. Calls that record do nothing more, `mark`
   * and `merge` among them; those that ask for something new (`profile`, `serveDashboard`, `alert`, `attach`,
   * `subscribeChannels`) fail with a HotpathError of code `CLOSED`.
   */
  readonly close: () => Promise<void>;
  readonly #state: MonitorState;
  readonly #gate: { readonly open: boolean };
  readonly #dashboards: DashboardSource;
  readonly #calls: CallTimingParts;

  constructor(options: PerformanceMonitorOptions = {}) {
    const state = new MonitorState(options);
    this.#state = state;
    this.#gate = state.gate;
    this.id = state.id;
    this.reader = state.view;
    const onTrouble = (error: unknown, during: string): void => state.events.trouble(error, during);
    this.#calls = { timers: state.timers, onTrouble };
    const { clock, logger } = state.options;
    this.#dashboards = new DashboardSource({ monitor: this, clock, logger, onTrouble });
    this.close = closeOnce(async () => {
      await Promise.all([this.#dashboards.close(), state.close()]);
    });
  }

  /**
   * May be changed at any time: `off` calls functions straight through, records nothing and looks at nothing; `observe` records, and
   * raises no alerts and takes no profiles by itself.
   */
  get mode(): Mode {
    return this.#state.mode;
  }

  set mode(mode: Mode) {
    this.#state.mode = checkMode(mode);
  }

  /**
   * Starts timing a request. Handles of one name never collide.
   *
   * @param labels - few values each, never ids: each combination is a series
   */
  startTimer(name: string, labels?: Labels): Timer {
    if (!this.#gate.open) return NO_TIMER;
    checkMetricName(name);
    checkLabels(labels);
    return this.#state.timers.start(name, labels);
  }

  /** Times a function to its real end: sync, promise or async iterator. Its result and errors go through untouched. */
  time<T>(name: string, fn: (timer: Timer) => T, labels?: Labels): T {
    if (!this.#gate.open) return fn(NO_TIMER);
    checkMetricName(name);
    checkLabels(labels);
    return this.timeCall(name, labels, [], fn) as T;
  }

  /** What `time` and `monitorPerformance` do: labels may be made of arguments and result. */
  timeCall(
    name: string,
    labels: CallLabels<readonly unknown[], unknown> | undefined,
    args: readonly unknown[],
    run: (timer: Timer) => unknown,
  ): unknown {
    if (!this.#gate.open) return run(NO_TIMER);
    return timedCall(callTiming(this.#calls, name, labels), args, run);
  }

  /**
   * Records one value. Of a name that is new its unit is the one in `units`, else a plain number; `series` can state another.
   *
   * @param metadata - facts to keep with the value when it is among the largest of its slot
   */
  recordMetric(name: string, value: number, labels?: Labels, metadata?: Metadata): void {
    if (!this.#gate.open) return;
    checkMetricName(name);
    if (labels !== undefined) checkLabels(labels);
    this.#state.series.get(name, labels, undefined).record(value);
    if (metadata !== undefined) this.#state.timers.recorded(name, value, labels, metadata);
  }

  /**
   * A series bound once, for hot paths: `record` is then all there is to do.
   *
   * @throws InvalidOptionError for another unit than the name has already
   */
  series(name: string, labels?: Labels, options?: SeriesOptions): SeriesHandle {
    checkMetricName(name);
    checkLabels(labels);
    const unit = statedUnit(options);
    this.#state.series.checkUnit(name, unit);
    return this.#state.series.get(name, labels, unit);
  }

  /** Figures of a metric, all of its series or those with some labels; `null` when nothing was recorded. */
  getMetricStats(name: string, options: StatsOptions = {}): MetricStats | null {
    checkMetricName(name);
    return this.reader.stats(name, resolveStatsOptions(options, this.reader.windowMs));
  }

  /** Every target beside what was measured. `met: null` with a reason where there is nothing to judge by. */
  checkPerformanceTargets(): Readonly<Record<string, TargetResult>> {
    return this.reader.targets();
  }

  /** Everything at once, as plain JSON. */
  getPerformanceReport(): PerformanceReport {
    return reportOf(this.reader);
  }

  /** The report as Markdown. */
  toMarkdown(): string {
    return reportMarkdown(this.getPerformanceReport());
  }

  /** The report as one HTML page, without scripts and without requests. */
  toHtml(): string {
    return reportHtml(this.getPerformanceReport());
  }

  /** The Prometheus text format (0.0.4), in base units. */
  prometheus(): string {
    return prometheusText(this.reader, { prefix: this.#state.options.prefix });
  }

  /** Notes that something happened now: drawn across the charts, listed in reports. The last 200 are kept; none once it is closed. */
  mark(name: string, metadata: Metadata = {}): void {
    checkMetricName(name);
    if (this.#gate.open) this.#state.mark(name, metadata);
  }

  /** Everything counted since the start as JSON-safe HdrHistograms, for `merge` in another process or worker. */
  export(): MonitorExport {
    return exportSeries(this.reader, this.id);
  }

  /**
   * Adds what another monitor has exported. Exports count from their start, and what was merged before is known: so merging one
   * twice adds nothing. The values count as of now. A monitor that is off or closed takes none of it: all of its series are skipped.
   *
   * @throws InvalidOptionError for what is no export; nothing of it is merged
   */
  merge(exported: MonitorExport): MergeResult {
    return this.#state.merge(exported);
  }

  /**
   * Brings other modules in: their figures are read at every tick. Kinds are told by shape: cache, llm, processor, memory,
   * optimizer.
   *
   * @returns detaches them
   * @throws InvalidOptionError for an object that is none of these, a name that is taken, and past 50; HotpathError `CLOSED`
   */
  attach(named: Readonly<Record<string, Attachable>>): Unsubscribe {
    this.#state.checkOpen('nothing is attached');
    return this.#state.attachments.attach(named);
  }

  /**
   * Counts what modules publish on their diagnostics channels, for those that nobody has attached.
   *
   * @returns ends it
   * @throws InvalidOptionError for a bad option, and while an earlier call has not been ended; HotpathError `CLOSED`
   */
  subscribeChannels(options?: ChannelOptions): Unsubscribe {
    this.#state.checkOpen('no channel is listened to');
    return this.#state.attachments.subscribeChannels(options);
  }

  /**
   * Adds a rule. It is looked at every `interval`.
   *
   * @returns removes it; an alert that fires then resolves
   * @throws InvalidOptionError for a bad rule, or a name that is taken; HotpathError `CLOSED`
   */
  alert(rule: AlertRule): Unsubscribe {
    this.#state.checkOpen('no alert is added');
    return this.#state.alerts.add(rule);
  }

  /** Alerts that fire, and the last incidents that are over, newest last. */
  alertHistory(): readonly AlertEvent[] {
    return this.#state.alerts.history();
  }

  /** What became of the messages to each sink. */
  alertDeliveries(): readonly SinkStats[] {
    return this.#state.alerts.deliveries();
  }

  /**
   * Listens to alerts, marks and troubles. A listener that throws or rejects is reported as event `error`, and reaches nobody else.
   *
   * @returns ends it
   * @throws InvalidOptionError for an event that there is not
   */
  on<N extends keyof MonitorEvents>(name: N, listener: (data: MonitorEvents[N]) => void): Unsubscribe {
    return this.#state.events.on(name, listener);
  }

  /**
   * Makes a profile of this process: a file for Chrome, VS Code or speedscope, and the functions that took most by themselves.
   *
   * @throws HotpathError (rejects) while another one runs, with a debugger attached, without room on the disk, and `CLOSED`
   */
  profile(duration: Duration, request: ProfileRequest = {}): Promise<ProfileResult> {
    return this.#state.profiler.profile(duration, request);
  }

  /**
   * The live dashboard as a plain handler, for the host's own server. Without `authorize` it answers loopback peers only. After
   * `close()` it answers 503.
   */
  dashboard(options: DashboardOptions = {}): (req: IncomingMessage, res: ServerResponse) => void {
    return this.#dashboards.handler(options);
  }

  /**
   * The live dashboard on a server of its own: loopback by default, behind a token.
   *
   * @throws (rejects) InvalidOptionError for a bad option; HotpathError `DASHBOARD_NOT_SERVED` without the port, and `CLOSED`
   */
  serveDashboard(options: ServeDashboardOptions = {}): Promise<ServedDashboard> {
    return this.#dashboards.serve(options);
  }

  /** Loads what is otherwise loaded when it is first used: profiler and dashboard. */
  async ready(): Promise<void> {
    await Promise.all([this.#state.profiler.ready(), this.#dashboards.ready()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

import { channel } from 'node:diagnostics_channel';
import type { MonitorReader } from '../../src/monitor/monitor-reader.js';
import type { TimerEndEvent } from '../../src/monitor/timer-events.js';
import type { BridgedMonitor } from '../../src/otel/index.js';
import { ReaderDouble } from '../monitor/reader-double.js';

const START = channel('hotpath:monitor:timer:start');
const END = channel('hotpath:monitor:timer:end');

/** What a test says of a timer; the rest is filled in. */
export type TimerFacts = Partial<Omit<TimerEndEvent, 'monitor' | 'id' | 'at'>>;

/** A monitor that publishes what it is told to, as PerformanceMonitor does. */
export class TimerFeed implements BridgedMonitor {
  static #made = 0;
  readonly id = `feed-${++TimerFeed.#made}`;
  readonly reader: MonitorReader;
  /** The time, milliseconds since the epoch. */
  time = 1_700_000_000_123.25;
  #timers = 0;

  constructor(reader: MonitorReader = new ReaderDouble()) {
    this.reader = reader;
  }

  /** Starts a timer: answers what ends it, `ms` later. */
  start(name: string, labels: Readonly<Record<string, string>> = {}): (facts?: TimerFacts) => void {
    const id = ++this.#timers;
    const at = this.time;
    START.publish({ monitor: this.id, id, name, labels, at });
    return ({ ms = 1, error, labels: late = {}, ...facts } = {}) => {
      END.publish({
        monitor: this.id,
        id,
        name,
        labels: { ...labels, ...late, ...(error !== undefined && { error }) },
        at,
        ms,
        stages: [],
        metadata: {},
        ...(error !== undefined && { error }),
        ...facts,
      });
    };
  }

  /** A timer from start to end. */
  run(name: string, facts: TimerFacts = {}): void {
    this.start(name, facts.labels)(facts);
  }
}

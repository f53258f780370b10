import type { AlertState } from '../monitor/alerts/alert-status.js';
import type { MonitorReader } from '../monitor/monitor-reader.js';
import type { ResourceReading } from '../monitor/resource-reading.js';
import type { TargetResult } from '../monitor/targets/target-result.js';
import { UNITS } from '../monitor/unit.js';
import { HOTPATH } from './hotpath-attributes.js';
import { addStates, type InstrumentSpec, type PointSource } from './point-sink.js';
import { RUNTIME_METRICS } from './semantic-conventions.js';

const LEVELS: readonly ResourceReading['level'][] = ['normal', 'elevated', 'high', 'critical'];
const VERDICTS = ['met', 'missed', 'unknown'] as const;
const ALERT_STATES: readonly AlertState[] = ['inactive', 'pending', 'firing', 'resolving'];
/** Alert rules that are remembered after their removal. */
const MOST_ALERTS = 200;

/** What the process uses, by the monitor's last sample. Nothing before the first. */
export function processPoints(reader: MonitorReader): PointSource {
  const spec = (kind: InstrumentSpec['kind'], name: string, unit: string, description: string): InstrumentSpec => ({
    kind,
    name,
    unit,
    description,
  });
  const cpu = spec(
    'gauge',
    RUNTIME_METRICS.cpuUtilization,
    '1',
    'CPU time of the process, as a share of the CPUs it may use.',
  );
  const loop = spec('gauge', RUNTIME_METRICS.eventLoopUtilization, '1', 'Share of time that the event loop was busy.');
  const rss = spec('upDown', RUNTIME_METRICS.memoryUsage, 'By', 'Resident memory.');
  const limit = spec('upDown', 'hotpath.memory.limit', 'By', 'Memory that the process may use.');
  const share = spec(
    'gauge',
    'hotpath.memory.utilization',
    '1',
    'The larger of heap by its limit and memory by its limit.',
  );
  const heap = spec('upDown', 'hotpath.memory.heap.used', 'By', 'Used heap.');
  const heapLimit = spec('upDown', 'hotpath.memory.heap.limit', 'By', 'What the heap may grow to.');
  const level: InstrumentSpec = {
    kind: 'gauge',
    name: 'hotpath.memory.level',
    description: 'Level of memory use: 1 for the one that holds.',
  };
  return (sink) => {
    const reading = reader.resources();
    if (!reading) return;
    sink.add(cpu, reading.processCpuShare);
    sink.add(loop, reading.eventLoopShare);
    sink.add(rss, reading.rssBytes);
    sink.add(limit, reading.limitBytes);
    sink.add(share, reading.memoryShare);
    sink.add(heap, reading.heapUsedBytes);
    sink.add(heapLimit, reading.heapLimitBytes);
    addStates(sink, level, HOTPATH.memoryLevel, LEVELS, reading.level);
  };
}

/** Targets: the verdict, what was measured and what is asked for, in base units. */
export function targetPoints(reader: MonitorReader): PointSource {
  const gauge = (name: string, description: string): InstrumentSpec => ({ kind: 'gauge', name, description });
  const verdict = gauge('hotpath.target.state', 'Whether a target is met: 1 for the verdict that holds.');
  const actual = gauge('hotpath.target.actual', 'What was measured for a target.');
  const limit = gauge('hotpath.target.limit', 'What a target asks for.');
  return (sink) => {
    for (const [name, target] of Object.entries(reader.targets())) {
      const { met } = target;
      const attributes = { [HOTPATH.targetName]: name };
      addStates(
        sink,
        verdict,
        HOTPATH.targetState,
        VERDICTS,
        met === null ? 'unknown' : met ? 'met' : 'missed',
        attributes,
      );
      const { unit, toBase } = baseOf(target.unit);
      const inUnit = { ...attributes, [HOTPATH.targetUnit]: unit };
      if (target.actual !== null) sink.add(actual, target.actual * toBase, inUnit);
      if (target.target !== null) sink.add(limit, target.target * toBase, inUnit);
    }
  };
}

function baseOf(unit: TargetResult['unit']): { readonly unit: string; readonly toBase: number } {
  return unit === 'perMinute'
    ? { unit: '{request}/min', toBase: 1 }
    : { unit: UNITS[unit].ucum, toBase: UNITS[unit].toBase };
}

/** Alert rules: the state of each. One that was removed is inactive from then on. */
export function alertPoints(reader: MonitorReader): PointSource {
  const spec: InstrumentSpec = {
    kind: 'gauge',
    name: 'hotpath.alert.state',
    description: 'State of an alert rule: 1 for the one that holds.',
  };
  const known = new Map<string, string>();
  return (sink) => {
    const current = new Map<string, AlertState>();
    for (const { name, severity, state } of reader.alerts()) {
      current.set(name, state);
      known.delete(name);
      known.set(name, severity);
    }
    for (const [name, severity] of known) {
      const attributes = { [HOTPATH.alertName]: name, [HOTPATH.alertSeverity]: severity };
      addStates(sink, spec, HOTPATH.alertState, ALERT_STATES, current.get(name) ?? 'inactive', attributes);
    }
    for (const name of [...known.keys()].slice(0, -MOST_ALERTS)) known.delete(name);
  };
}

/** Values that were not recorded as they came. */
export function troublePoints(reader: MonitorReader): PointSource {
  const spec: InstrumentSpec = {
    kind: 'counter',
    name: 'hotpath.values',
    unit: '{value}',
    description: 'Values rejected, clamped, and put into overflow series.',
  };
  return (sink) => {
    const { rejected, clamped, overflowed } = reader.troubles();
    for (const [kind, count] of Object.entries({ rejected, clamped, overflowed })) {
      sink.add(spec, count, { [HOTPATH.trouble]: kind });
    }
  };
}

import fc from 'fast-check';
import type { AttachmentReading } from '../../src/monitor/attachments/attachment-reading.js';
import { UNITS, type Unit } from '../../src/monitor/unit.js';
import { ReaderDouble } from './reader-double.js';
import { ALERTS, ATTACHMENTS, RESOURCES, TARGETS } from './reader-double-facts.js';

/** Pieces that names are easily confused by: units, endings and types that formats give a meaning, separators, other scripts. */
const PIECES = [
  ...[
    'ask',
    'request',
    'memory',
    'cpu',
    'Prompt',
    'HTTP',
    '价格',
    'é',
    '1',
    '2x',
    '',
    ' ',
    '\n',
    '\u0000',
    '\ud800',
    '"',
    '\\',
    '{}',
  ],
  ...[
    'ms',
    'Ms',
    'seconds',
    'milliseconds',
    'days',
    'minutes',
    'bytes',
    'KB',
    'kilobytes',
    'ratio',
    'percent',
    's',
    'm',
    'b',
    'B',
    'd',
  ],
  ...[
    'total',
    'count',
    'sum',
    'bucket',
    'info',
    'le',
    'quantile',
    'counter',
    'gauge',
    'summary',
    'histogram',
    'untyped',
    'created',
  ],
  ...[
    'requests',
    'failed',
    'over',
    'target',
    'event',
    'loop',
    'utilization',
    'by',
    'reason',
    'state',
    'name',
    'distribution',
    'attached',
  ],
  ...['_', '__', '-', '.', ':', '__proto__', 'constructor', 'toString'],
];

const nasty: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 }), fc.constantFrom('', '_', '.', ' '))
  .map(([pieces, between]) => pieces.join(between))
  .filter((name) => name !== '');

/** Any text, half of them made to confuse. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
);

/** Own properties whatever their names: assignment would set the prototype. */
const record = <T>(values: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<Record<string, T>> =>
  fc.array(fc.tuple(anyName, values), { maxLength }).map((entries) => Object.fromEntries(entries) as Record<string, T>);

const figures = fc.oneof(fc.nat(), fc.double());

const attachment: fc.Arbitrary<AttachmentReading> = fc.record({
  name: anyName,
  kind: fc.constantFrom('cache', 'llm', 'processor', 'memory', 'optimizer'),
  counters: record(figures, 5),
  gauges: record(figures, 5),
  reasons: record(record(fc.nat(), 3), 3),
  states: record(anyName, 3),
});

/** All metrics with fixed names, with the series whose names are built in. */
function readerOfFacts(): ReaderDouble {
  const reader = new ReaderDouble();
  reader.targetResults = { ...TARGETS };
  reader.alertStatuses = [...ALERTS];
  reader.attachmentReadings = [...ATTACHMENTS];
  reader.resource = RESOURCES;
  for (const name of ['process_cpu', 'event_loop_utilization', 'process_memory']) reader.add(name, 'ratio', [0.5]);
  reader.add('event_loop_delay', 'ms', [1, 20]);
  return reader;
}

/** A reader with series, labels, targets, alerts and attachments of any names. */
export const anyReader: fc.Arbitrary<ReaderDouble> = fc
  .record({
    isFull: fc.boolean(),
    series: fc.array(
      fc.record({
        name: anyName,
        unit: fc.constantFrom(...(Object.keys(UNITS) as Unit[])),
        labels: record(fc.oneof(anyName, fc.constant('')), 3),
        values: fc.array(fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.nat(3_000)), { maxLength: 4 }),
      }),
      { maxLength: 12 },
    ),
    attachments: fc.array(attachment, { maxLength: 4 }),
    names: fc.array(anyName, { maxLength: 3 }),
    operation: anyName,
  })
  .map(({ isFull, series, attachments, names, operation }) => {
    const reader = isFull ? readerOfFacts() : new ReaderDouble();
    reader.operation = operation;
    const units = new Map<string, Unit>(reader.list.map((one) => [one.name, one.unit]));
    for (const { name, unit, labels, values } of series) {
      // As in a monitor: the unit of a name is the first one's.
      if (!units.has(name)) units.set(name, unit);
      reader.add(name, units.get(name)!, values, labels);
    }
    reader.attachmentReadings.push(...attachments);
    for (const name of names) {
      reader.targetResults = Object.fromEntries([
        ...Object.entries(reader.targetResults),
        [name, TARGETS['cpuUsage']!],
      ]);
      reader.alertStatuses.push({ ...ALERTS[0]!, name });
    }
    return reader;
  });

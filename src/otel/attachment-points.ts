import type { AttachmentReading } from '../monitor/attachments/attachment-reading.js';
import type { MonitorReader } from '../monitor/monitor-reader.js';
import { HOTPATH, PREFIX } from './hotpath-attributes.js';
import { addStates, type InstrumentSpec, type PointSink, type PointSource } from './point-sink.js';

/** States of one name that are remembered, and names of them. */
const MOST_STATES = 16;
const MOST_STATE_NAMES = 200;

/**
 * Figures of attached objects: `hotpath.cache.hits` with the name of the attachment, counts by reason as `hotpath.cache.miss_reasons`,
 * states as `hotpath.cache.state`. `loadMs` goes out as `hotpath.cache.load.time`, in seconds.
 */
export function attachmentPoints(reader: MonitorReader): PointSource {
  const seen = new Map<string, Set<string>>();
  return (sink) => {
    for (const reading of reader.attachments()) {
      const prefix = `${PREFIX}${reading.kind}.`;
      const attributes = { [HOTPATH.attachmentName]: reading.name };
      for (const [name, value] of Object.entries(reading.counters))
        addFigure(sink, 'counter', prefix, name, value, attributes);
      for (const [name, value] of Object.entries(reading.gauges))
        addFigure(sink, 'gauge', prefix, name, value, attributes);
      for (const [name, counts] of Object.entries(reading.reasons)) {
        for (const [reason, count] of Object.entries(counts)) {
          addFigure(sink, 'counter', prefix, name, count, { ...attributes, [HOTPATH.reason]: reason });
        }
      }
      addStatesOf(sink, prefix, reading, attributes, seen);
    }
  };
}

function addFigure(
  sink: PointSink,
  kind: 'counter' | 'gauge',
  prefix: string,
  figure: string,
  value: number,
  attributes: Readonly<Record<string, string>>,
): void {
  const isTime = figure.endsWith('Ms');
  const name = isTime ? `${snakeCase(figure.slice(0, -2))}.time` : snakeCase(figure);
  const unit = isTime ? 's' : unitOf(figure, kind === 'counter' ? `{${name}}` : undefined);
  const spec: InstrumentSpec = {
    kind,
    name: prefix + name,
    ...(unit !== undefined && { unit }),
    description: `${figure} of an attached object.`,
  };
  sink.add(spec, isTime ? value / 1_000 : value, attributes);
}

/** Every state that was seen goes out, so that one that has passed does not stay at 1. */
function addStatesOf(
  sink: PointSink,
  prefix: string,
  { name, states }: AttachmentReading,
  attributes: Readonly<Record<string, string>>,
  seen: Map<string, Set<string>>,
): void {
  const spec: InstrumentSpec = {
    kind: 'gauge',
    name: `${prefix}state`,
    description: 'States of an attached object: 1 for those that hold.',
  };
  for (const [state, value] of Object.entries(states)) {
    const key = `${name}\u0000${state}`;
    const values = seen.get(key) ?? new Set<string>();
    if (values.size < MOST_STATES) values.add(value);
    if (seen.size < MOST_STATE_NAMES) seen.set(key, values);
    addStates(sink, spec, HOTPATH.stateValue, values, value, { ...attributes, [HOTPATH.stateName]: state });
  }
}

function unitOf(figure: string, other: string | undefined): string | undefined {
  if (/bytes$/i.test(figure)) return 'By';
  if (/Mb$/.test(figure)) return 'MiBy';
  if (/(rate|share|ratio|fraction)(recent|hour)?$/i.test(figure)) return '1';
  return other;
}

function snakeCase(figure: string): string {
  return figure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/[^a-z0-9_]/g, '_');
}

import { type Clock, systemClock } from '../core/clock.js';
import { InvalidOptionError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { checkNames, checkOptions } from '../core/option-names.js';
import { flag, integer, text } from '../core/option-values.js';
import { type Attributes, NO_ATTRIBUTES } from './attributes.js';
import { CHANNEL_MODULES, type ChannelModule } from './channel-spans.js';
import type { MeterLike } from './meter-like.js';
import type { OperationMapping } from './operation-mapping.js';
import type { OtelApiLike, TracerLike } from './tracer-like.js';

/** Options of {@link otelBridge}. A meter, a tracer or the api has to be there. */
export interface OtelBridgeOptions {
  /** Takes the metrics: `metrics.getMeter('my-service')`. */
  readonly meter?: MeterLike;
  /** Takes the spans: `trace.getTracer('my-service')`. */
  readonly tracer?: TracerLike;
  /** The package @opentelemetry/api, where the host has it at hand. @default loaded when a tracer is given */
  readonly api?: OtelApiLike;
  /** Which timers and stages are calls to a model or a database. @default none */
  readonly mapping?: OperationMapping;
  /** Attributes of every point and span, over which those of their own go. @default none */
  readonly attributes?: Attributes;
  /** What becomes a span. @default 'timers', with a tracer */
  readonly spans?: 'timers' | 'none';
  /** Modules whose events go onto the active span. @default all that are known: ['cache', 'async', 'memory'], with a tracer or the api */
  readonly channels?: readonly ChannelModule[];
  /** Whether cache hits are counted on the active span. It makes every hit dearer. @default true */
  readonly cacheHits?: boolean;
  /** Whether the keys of cache misses and the like are sent. @default false */
  readonly cacheKeys?: boolean;
  /** Whether CPU, memory and event loop are sent: not where an instrumentation of the runtime does. @default true */
  readonly runtime?: boolean;
  /** Spans of timers under way: beyond, the oldest is ended as abandoned. @default 1_000 */
  readonly maxOpenSpans?: number;
  /** Takes warnings, at most one a minute of each kind, with the data first, as pino does. @default none */
  readonly logger?: Logger;
  /** Where the time of warnings comes from; points and spans have the monitor's. @default the system's, which never steps back */
  readonly clock?: Clock;
}

/** Defaults of {@link OtelBridgeOptions}. */
export const OTEL_BRIDGE_DEFAULTS: Readonly<{
  spans: 'timers' | 'none';
  channels: readonly ChannelModule[];
  cacheHits: boolean;
  cacheKeys: boolean;
  runtime: boolean;
  maxOpenSpans: number;
}> = Object.freeze({
  spans: 'timers',
  channels: Object.freeze(['cache', 'async', 'memory'] as const),
  cacheHits: true,
  cacheKeys: false,
  runtime: true,
  maxOpenSpans: 1_000,
});

/** Options with their defaults. */
export interface ResolvedBridgeOptions {
  readonly meter: MeterLike | undefined;
  readonly tracer: TracerLike | undefined;
  readonly api: OtelApiLike | undefined;
  readonly mapping: OperationMapping;
  readonly attributes: Attributes;
  readonly channels: readonly ChannelModule[];
  readonly cacheHits: boolean;
  readonly cacheKeys: boolean;
  readonly runtime: boolean;
  readonly maxOpenSpans: number;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
}

const NAMES: readonly string[] = [
  ...['meter', 'tracer', 'api', 'mapping', 'attributes', 'spans', 'channels', 'cacheHits', 'cacheKeys', 'runtime'],
  ...['maxOpenSpans', 'logger', 'clock'],
];

const OF_SERVER = ['serverAddress', 'serverPort'];
const GEN_AI_FIELDS = ['kind', 'operation', 'provider', 'model', 'responseModel', 'tokens', ...OF_SERVER];
const DB_FIELDS = ['kind', 'system', 'namespace', 'collection', 'operation', 'summary', ...OF_SERVER];

/** @throws InvalidOptionError for a bad option, naming it */
export function resolveBridgeOptions(options: OtelBridgeOptions): ResolvedBridgeOptions {
  checkOptions('options', options);
  checkNames('', options, NAMES);
  const { meter, tracer, api } = options;
  if (!meter && !tracer && !api) throw new InvalidOptionError('meter', 'a meter, unless there is a tracer', meter);
  has('meter', meter, 'addBatchObservableCallback', 'a Meter of @opentelemetry/api');
  has('tracer', tracer, 'startSpan', 'a Tracer of @opentelemetry/api');
  has('api', api, 'trace', 'the package @opentelemetry/api');
  const d = OTEL_BRIDGE_DEFAULTS;
  const spans = options.spans ?? d.spans;
  if (spans !== 'timers' && spans !== 'none') throw new InvalidOptionError('spans', "'timers' or 'none'", spans);
  return {
    meter,
    tracer: spans === 'timers' ? tracer : undefined,
    api,
    mapping: checkMapping(options.mapping ?? {}),
    attributes: checkAttributes(options.attributes ?? NO_ATTRIBUTES),
    channels: checkChannels(options.channels ?? (tracer || api ? d.channels : [])),
    cacheHits: flag('cacheHits', options.cacheHits ?? d.cacheHits),
    cacheKeys: flag('cacheKeys', options.cacheKeys ?? d.cacheKeys),
    runtime: flag('runtime', options.runtime ?? d.runtime),
    maxOpenSpans: integer('maxOpenSpans', options.maxOpenSpans ?? d.maxOpenSpans, 1),
    logger: options.logger,
    clock: options.clock ?? systemClock(),
  };
}

function checkMapping(mapping: OperationMapping): OperationMapping {
  if (!isObject(mapping)) throw new InvalidOptionError('mapping', 'an object', mapping);
  for (const [name, mapped] of Object.entries(mapping)) {
    const at = `mapping.${name}`;
    if (!isObject(mapped)) throw new InvalidOptionError(at, "an object with kind 'gen_ai' or 'db'", mapped);
    switch (mapped.kind) {
      case 'gen_ai':
        text(`${at}.operation`, mapped.operation);
        text(`${at}.provider`, mapped.provider);
        checkNames(`${at}.`, mapped, GEN_AI_FIELDS);
        break;
      case 'db':
        text(`${at}.system`, mapped.system);
        checkNames(`${at}.`, mapped, DB_FIELDS);
        break;
      default:
        throw new InvalidOptionError(`${at}.kind`, "'gen_ai' or 'db'", (mapped as { kind: unknown }).kind);
    }
  }
  return mapping;
}

function checkAttributes(attributes: Attributes): Attributes {
  if (!isObject(attributes)) throw new InvalidOptionError('attributes', 'an object', attributes);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) continue;
    throw new InvalidOptionError(`attributes.${name}`, 'a string, number or boolean', value);
  }
  return attributes;
}

function checkChannels(channels: readonly ChannelModule[]): readonly ChannelModule[] {
  const isList = Array.isArray(channels) && channels.every((name) => CHANNEL_MODULES.includes(name));
  if (!isList) throw new InvalidOptionError('channels', `a list of '${CHANNEL_MODULES.join("', '")}'`, channels);
  return [...new Set(channels)];
}

function has(option: string, value: object | undefined, method: string, expected: string): void {
  if (value === undefined) return;
  if (!isObject(value) || !(method in value)) throw new InvalidOptionError(option, expected, value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

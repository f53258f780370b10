import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { errorType } from '../monitor/metadata.js';
import type { BridgeTroubles } from './bridge-troubles.js';
import { PREFIX } from './hotpath-attributes.js';
import { ERROR_TYPE } from './semantic-conventions.js';
import type { OtelApiLike, SpanLike } from './tracer-like.js';

/** Modules whose channel events are known. */
export type ChannelModule = 'cache' | 'async' | 'memory';

/** What is done with one event of a module. */
interface EventRule {
  readonly name: string;
  /** Attribute of the span that counts it. */
  readonly counter?: string;
  /** Becomes an event of the span, with these fields of it. Absent: it is only counted. */
  readonly fields?: readonly string[];
}

const RULES: Readonly<Record<ChannelModule, readonly EventRule[]>> = {
  cache: [
    { name: 'hit', counter: 'hits' },
    { name: 'stale', counter: 'stale_hits', fields: ['tier', 'refresh'] },
    { name: 'miss', counter: 'misses', fields: ['reason'] },
    { name: 'skip', fields: ['reason'] },
    { name: 'load:error', counter: 'load_errors', fields: ['servedStale', 'error'] },
    { name: 'remote:down', fields: ['reason'] },
    { name: 'remote:up', fields: ['downMs'] },
    { name: 'bus:gap', fields: ['reason'] },
  ],
  // What a timer of the processor tells (a timeout, a changed limit) is published in nobody's context, and stands on no span. Groups name
  // tenants, and the reason of a breaker may hold the text of an error.
  async: [
    { name: 'retry', counter: 'retries', fields: ['attempt', 'delayMs', 'reason', 'status', 'error'] },
    { name: 'retry:refused', fields: ['attempt', 'why', 'error'] },
    { name: 'drop', fields: ['why', 'priority', 'waitedMs'] },
    { name: 'cooldown', fields: ['ms', 'status'] },
    { name: 'breaker', fields: ['state'] },
    { name: 'halved', fields: ['size', 'error'] },
  ],
  // What a request itself has met with: not admitted, or it looked at memory and gave some back. What the manager's own timer does, and leaks,
  // belong to no span. Calls are left out: listening to them makes each dearer.
  memory: [
    { name: 'level', fields: ['level', 'previous', 'signal', 'fraction'] },
    { name: 'trim', fields: ['name', 'level', 'outcome', 'fraction', 'freedBytes', 'ms'] },
    { name: 'gc', fields: ['level', 'ms', 'freedBytes'] },
    { name: 'shed', fields: ['level', 'refused'] },
  ],
};

export const CHANNEL_MODULES: readonly ChannelModule[] = Object.keys(RULES) as ChannelModule[];

/** Events that one span gets; what comes after is only counted. */
const MOST_EVENTS = 64;
const LONGEST_TEXT = 200;

/** What channel spans need to know. */
export interface ChannelSpansParts {
  api(): OtelApiLike | undefined;
  readonly modules: readonly ChannelModule[];
  /** Whether hits are counted: a subscription to them makes every hit dearer. */
  readonly hits: boolean;
  /** Whether keys are sent. */
  readonly keys: boolean;
  readonly troubles: BridgeTroubles;
}

/**
 * Writes events of other modules on the span that is active where they are published: counts as its attributes, the rest as its
 * events. Never values.
 *
 * @returns ends it; calling it twice does nothing
 */
export function subscribeChannels(parts: ChannelSpansParts): () => void {
  const tallies = new WeakMap<SpanLike, Tally>();
  const subscriptions = parts.modules.flatMap((module) =>
    RULES[module]
      .filter(({ name }) => parts.hits || name !== 'hit')
      .map((rule) => {
        const channel = `hotpath:${module}:${rule.name}`;
        const onMessage = (message: unknown): void => {
          // What a subscriber throws would end the process.
          parts.troubles.guard(`an event on ${channel}`, () => {
            const span = parts.api()?.trace.getActiveSpan();
            if (!span?.isRecording() || typeof message !== 'object' || message === null) return;
            const tally = tallies.get(span) ?? { events: 0, counts: new Map() };
            tallies.set(span, tally);
            write(span, tally, `${PREFIX}${module}.`, rule, message as Readonly<Record<string, unknown>>, parts.keys);
          });
        };
        subscribe(channel, onMessage);
        return { channel, onMessage };
      }),
  );
  return () => {
    for (const { channel, onMessage } of subscriptions) unsubscribe(channel, onMessage);
  };
}

/** What was written on one span so far. */
interface Tally {
  events: number;
  readonly counts: Map<string, number>;
}

function write(
  span: SpanLike,
  tally: Tally,
  prefix: string,
  rule: EventRule,
  data: Readonly<Record<string, unknown>>,
  keys: boolean,
): void {
  if (rule.counter !== undefined) {
    const count = (tally.counts.get(rule.counter) ?? 0) + 1;
    tally.counts.set(rule.counter, count);
    span.setAttribute(prefix + rule.counter, count);
  }
  if (rule.fields === undefined || tally.events >= MOST_EVENTS) return;
  tally.events++;
  const attributes: Record<string, string | number | boolean> = {};
  for (const field of ['namespace', ...rule.fields, ...(keys ? ['key'] : [])]) {
    const value = data[field];
    if (field === 'error') attributes[ERROR_TYPE] = errorType(value);
    else if (typeof value === 'string') attributes[prefix + snakeCase(field)] = value.slice(0, LONGEST_TEXT);
    else if (typeof value === 'number' || typeof value === 'boolean') attributes[prefix + snakeCase(field)] = value;
  }
  span.addEvent(prefix + rule.name.replace(':', '_'), attributes);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

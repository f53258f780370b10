import type { Clock } from '../../core/clock.js';
import { errorType } from '../metadata.js';
import { type ChannelModule, type ChannelRule, stateSaid } from './channel-events.js';
import type { Figures } from './figures.js';

/** A change of state that a module has published: what a mark is drawn from. */
export interface ChannelEvent {
  readonly module: ChannelModule;
  /** As on its channel: `remote:down`. */
  readonly event: string;
  /** Whose event it is. */
  readonly namespace: string;
  readonly at: number;
  /** What its publisher says about it: numbers, flags and short texts, an error by its code or name. Never keys or values. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Events of its kind, of whatever namespace, that were left out since the last one. */
  readonly heldBack: number;
}

const LONGEST_FACT = 200;
const HELD_MS = 60_000;

/** Passes changes of state on, at most one of each kind a minute. Kinds are few: those of the table of known events and states. */
export class ChannelMarks {
  readonly #clock: Clock;
  readonly #onEvent: (event: ChannelEvent) => void;
  readonly #kinds = new Map<string, { until: number; heldBack: number }>();

  constructor(clock: Clock, onEvent: (event: ChannelEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** Does nothing for an event that changes no state. */
  offer(module: ChannelModule, rule: ChannelRule, namespace: string, data: Figures): void {
    if (rule.markedWith === undefined) return;
    const { event, markedStates } = rule;
    const state = stateSaid(rule, data) ?? '';
    if (markedStates !== undefined && !markedStates.includes(state)) return;
    // A breaker that closes soon after it has opened is another change.
    const kind = `${module}:${event}:${state}`;
    const at = this.#clock.now();
    const last = this.#kinds.get(kind);
    if (last !== undefined && at < last.until) {
      last.heldBack++;
      return;
    }
    this.#kinds.set(kind, { until: at + HELD_MS, heldBack: 0 });
    const facts = factsOf(data, rule.markedWith);
    this.#onEvent({ module, event, namespace, at, facts, heldBack: last?.heldBack ?? 0 });
  }
}

function factsOf(data: Figures, fields: readonly string[]): ChannelEvent['facts'] {
  const facts: Record<string, string | number | boolean> = {};
  for (const field of fields) {
    const value = data[field];
    // Not an error's message, nor a thrown text: they may hold anything.
    if (field === 'error') facts[field] = errorType(value).slice(0, LONGEST_FACT);
    else if (typeof value === 'number' || typeof value === 'boolean') facts[field] = value;
    else if (typeof value === 'string') facts[field] = value.slice(0, LONGEST_FACT);
  }
  return facts;
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AttachmentKind } from './attachment-reading.js';
import type { Figures } from './figures.js';

/** Modules whose diagnostics channels are known. */
export type ChannelModule = 'cache' | 'async' | 'memory';

/** Events that come so often that counting them makes every read or call dearer: left out unless asked for. */
export type Frequent = 'hits' | 'calls';

/** What one event of a module counts for. */
export interface ChannelRule {
  readonly event: string;
  /** The running total it adds to, named as in the figures of an attached object. */
  readonly counter: string;
  /** A total of its own for each value of a field. */
  readonly counterBy?: { readonly field: string; readonly counters: Readonly<Record<string, string>> };
  /** Further totals, named in the same way: each adds up the numbers that stand in a field. */
  readonly sums?: Readonly<Record<string, string>>;
  /** Counts under `name` by what stands in `field`: a closed list of its publisher. */
  readonly reasons?: { readonly name: string; readonly field: string };
  /** The state that holds from then on: always the same, or what stands in `field`, where it is one of `values`. */
  readonly state?:
    | { readonly name: string; readonly value: string }
    | { readonly name: string; readonly field: string; readonly values: readonly string[] };
  /** It is one of these: only subscribed to when asked for. */
  readonly frequent?: Frequent;
  /** It changes how things stand, and is worth a mark: the fields that say more about it. Never keys. */
  readonly markedWith?: readonly string[];
  /** Where it says a state, those worth a mark. Absent: all of them. */
  readonly markedStates?: readonly string[];
}

/** What is known of a module's channels. */
export interface ModuleChannelRules {
  /** What an object is whose events they are. */
  readonly kind: AttachmentKind;
  /** Under which property such an object has the name that its events give as `namespace`. */
  readonly namedBy: 'namespace' | 'name';
  /** What of its events is counted only when asked for. */
  readonly frequent: Frequent;
  /** Its hits are rated, in all and by these tiers. */
  readonly ratedTiers?: readonly string[];
  readonly rules: readonly ChannelRule[];
}

/** Events on `hotpath:<module>:<event>`. A new module adds its own here. */
export const CHANNEL_EVENTS: Readonly<Record<ChannelModule, ModuleChannelRules>> = {
  cache: {
    kind: 'cache',
    namedBy: 'namespace',
    frequent: 'hits',
    ratedTiers: ['memory', 'remote'],
    rules: [
      {
        event: 'hit',
        counter: 'hits',
        counterBy: { field: 'tier', counters: { memory: 'memoryHits', remote: 'remoteHits' } },
        frequent: 'hits',
      },
      { event: 'stale', counter: 'staleHits', reasons: { name: 'staleTiers', field: 'tier' } },
      { event: 'miss', counter: 'misses', reasons: { name: 'missReasons', field: 'reason' } },
      { event: 'set', counter: 'sets' },
      { event: 'skip', counter: 'skips', reasons: { name: 'skipReasons', field: 'reason' } },
      { event: 'evict', counter: 'evictions' },
      { event: 'invalidate', counter: 'invalidations', reasons: { name: 'invalidationKinds', field: 'kind' } },
      { event: 'load:error', counter: 'loadErrors', markedWith: ['error', 'servedStale'] },
      {
        event: 'remote:down',
        counter: 'remoteDowns',
        state: { name: 'remote', value: 'open' },
        markedWith: ['reason'],
      },
      { event: 'remote:up', counter: 'remoteUps', state: { name: 'remote', value: 'closed' }, markedWith: ['downMs'] },
      { event: 'remote:foreign', counter: 'remoteForeign' },
      {
        event: 'bus:gap',
        counter: 'busGaps',
        reasons: { name: 'busGapReasons', field: 'reason' },
        markedWith: ['reason'],
      },
      { event: 'mutated', counter: 'mutations' },
      { event: 'error', counter: 'errors' },
    ],
  },
  async: {
    kind: 'processor',
    namedBy: 'name',
    frequent: 'calls',
    rules: [
      { event: 'retry', counter: 'retried', reasons: { name: 'retryReasons', field: 'reason' } },
      { event: 'retry:refused', counter: 'retriesRefused', reasons: { name: 'retryRefusals', field: 'why' } },
      { event: 'drop', counter: 'dropped', reasons: { name: 'dropReasons', field: 'why' } },
      { event: 'limit', counter: 'limitChanges', reasons: { name: 'limitChangeReasons', field: 'why' } },
      { event: 'cooldown', counter: 'coolDowns', markedWith: ['ms', 'status'] },
      {
        event: 'breaker',
        counter: 'breakerChanges',
        state: { name: 'breaker', field: 'state', values: ['closed', 'open', 'half-open'] },
        // Its reason may hold the text of a host's error.
        markedWith: ['state'],
      },
      { event: 'timeout', counter: 'timedOut' },
      { event: 'abandoned', counter: 'abandoned' },
      {
        event: 'rate:local',
        counter: 'rateLocals',
        state: { name: 'rate', value: 'local' },
        markedWith: ['reason', 'share'],
      },
      {
        event: 'rate:shared',
        counter: 'rateShareds',
        state: { name: 'rate', value: 'shared' },
        markedWith: ['localMs'],
      },
      { event: 'halved', counter: 'halved' },
      {
        event: 'settled',
        counter: 'calls',
        counterBy: { field: 'status', counters: { fulfilled: 'completed', rejected: 'failed' } },
        frequent: 'calls',
      },
      { event: 'error', counter: 'errors' },
    ],
  },
  memory: {
    kind: 'memory',
    namedBy: 'name',
    frequent: 'calls',
    rules: [
      {
        event: 'level',
        counter: 'levelChanges',
        state: { name: 'level', field: 'level', values: ['normal', 'elevated', 'high', 'critical'] },
        markedWith: ['level', 'previous', 'signal', 'fraction', 'risingMbPerMinute', 'msToLimit'],
        // From high on memory is given back; below that nothing happens.
        markedStates: ['high', 'critical'],
      },
      {
        event: 'trim',
        counter: 'trimSteps',
        counterBy: { field: 'outcome', counters: { freed: 'trims' } },
        sums: { freedBytes: 'freedBytes' },
        reasons: { name: 'trimOutcomes', field: 'outcome' },
      },
      { event: 'gc', counter: 'forcedCollections', sums: { forcedCollectionMs: 'ms' } },
      {
        event: 'leak',
        counter: 'leaks',
        reasons: { name: 'leakKinds', field: 'what' },
        markedWith: ['what', 'mbPerMinute', 'confidence', 'growth', 'liveMb', 'msToLimit'],
      },
      { event: 'leak:profile', counter: 'leakProfiles' },
      { event: 'call', counter: 'calls', reasons: { name: 'attributions', field: 'attribution' }, frequent: 'calls' },
      { event: 'shed', counter: 'sheds', sums: { refused: 'refused' } },
      { event: 'error', counter: 'errors' },
    ],
  },
};

/** The state that an event says holds from then on; `undefined` where it says none that is known. */
export function stateSaid({ state }: ChannelRule, data: Figures): string | undefined {
  if (state === undefined) return undefined;
  if ('value' in state) return state.value;
  const said = data[state.field];
  return typeof said === 'string' && state.values.includes(said) ? said : undefined;
}

/**
 * Listens to events of a module. A listener that throws is reported: whoever publishes never sees it, nor does it end the process.
 *
 * @returns ends it; calling it twice does nothing
 */
export function subscribeEvents(
  module: ChannelModule,
  rules: readonly ChannelRule[],
  listener: (rule: ChannelRule, namespace: string, data: Figures) => void,
  onTrouble: (error: unknown, during: string) => void,
): () => void {
  const subscribed = rules.map((rule) => {
    const name = `hotpath:${module}:${rule.event}`;
    const onMessage = (message: unknown): void => {
      try {
        // Anybody may publish on a channel.
        if (typeof message !== 'object' || message === null) return;
        const data = message as Figures;
        const { namespace } = data;
        listener(rule, typeof namespace === 'string' ? namespace : '', data);
      } catch (error) {
        reportSafely(error, `an event on ${name}`, onTrouble);
      }
    };
    subscribe(name, onMessage);
    return { name, onMessage };
  });
  return () => {
    for (const { name, onMessage } of subscribed) unsubscribe(name, onMessage);
  };
}

function reportSafely(error: unknown, during: string, onTrouble: (error: unknown, during: string) => void): void {
  try {
    onTrouble(error, during);
  } catch {
    // Node would make an uncaught exception of it.
  }
}

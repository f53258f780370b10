import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AttachmentKind } from './attachment-reading.js';
import type { Figures } from './figures.js';

/** Modules whose diagnostics channels are known. */
export type ChannelModule = 'cache';

/** What one event of a module counts for. */
export interface ChannelRule {
  readonly event: string;
  /** The running total it adds to, named as in the figures of an attached object. */
  readonly counter: string;
  /** A total of its own for each value of a field. */
  readonly counterBy?: { readonly field: string; readonly counters: Readonly<Record<string, string>> };
  /** Counts under `name` by what stands in `field`: a closed list of its publisher. */
  readonly reasons?: { readonly name: string; readonly field: string };
  /** The state that holds from then on. */
  readonly state?: { readonly name: string; readonly value: string };
  /** It comes with every read: subscribing to it makes hits dearer, so it is left out unless asked for. */
  readonly isEveryRead?: true;
  /** It changes how things stand, and is worth a mark: the fields that say more about it. Never keys. */
  readonly markedWith?: readonly string[];
}

/** Events on `hotpath:<module>:<event>`, and what an object is whose events they are. A new module adds its own here. */
export const CHANNEL_EVENTS: Readonly<
  Record<ChannelModule, { readonly kind: AttachmentKind; readonly rules: readonly ChannelRule[] }>
> = {
  cache: {
    kind: 'cache',
    rules: [
      {
        event: 'hit',
        counter: 'hits',
        counterBy: { field: 'tier', counters: { memory: 'memoryHits', remote: 'remoteHits' } },
        isEveryRead: true,
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
};

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

import type { Clock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { ATTACHABLE, kindOf } from './attachment-kind.js';
import type { AttachmentKind, AttachmentReading } from './attachment-reading.js';
import { ChannelCounts, type ChannelOptions } from './channel-counts.js';
import { CHANNEL_EVENTS, type ChannelModule } from './channel-events.js';
import { type ChannelEvent, ChannelMarks } from './channel-marks.js';
import { ChannelWatch } from './channel-watch.js';
import { HitRates } from './hit-rates.js';
import { readingOf } from './reading-of.js';

/** Most objects attached at a time: figures of each are exported, so there are few. */
const MOST_ATTACHED = 50;

/** Tiers whose hits are rated, by kind. */
const TIERS: Readonly<Partial<Record<AttachmentKind, readonly string[]>>> = {
  cache: ['memory', 'remote'],
  llm: ['exact', 'semantic'],
};

/** What a book needs. */
export interface AttachmentParts {
  readonly clock: Clock;
  /** Told of figures that could not be read, once until they can be again, and of trouble with an event. */
  onTrouble(error: unknown, during: string): void;
  /**
   * Offered changes of state that attached caches, processors and memory managers, or those found on their channels, publish: at most one of a kind a minute. Only
   * with it does attaching subscribe to anything.
   */
  onEvent?(event: ChannelEvent): void;
}

interface Attached {
  readonly kind: AttachmentKind;
  readonly value: object;
  readonly namespace: unknown;
  readonly rates: HitRates | undefined;
  reading: AttachmentReading;
  isStale: boolean;
}

/**
 * The objects that a host has attached to its monitor, and their figures at the last sample.
 *
 * They are held strongly, at most 50 of them: what reports on a cache may keep it, and a weak reference would end its figures at a
 * moment that nobody chose. A host that makes caches as it goes detaches them.
 */
export class AttachmentBook {
  readonly #parts: AttachmentParts;
  readonly #marks: ChannelMarks | undefined;
  readonly #watch: ChannelWatch | undefined;
  readonly #attached = new Map<string, Attached>();
  #channels: ChannelCounts | undefined;
  #isPaused = false;
  #isClosed = false;
  readonly #isAttached = (module: ChannelModule, namespace: string): boolean => {
    const { kind } = CHANNEL_EVENTS[module];
    for (const one of this.#attached.values()) if (one.kind === kind && one.namespace === namespace) return true;
    return false;
  };
  readonly #onTrouble = (error: unknown, during: string): void => this.#parts.onTrouble(error, during);

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
    if (parts.onEvent === undefined) return;
    const marks = new ChannelMarks(parts.clock, (event) => parts.onEvent?.(event));
    this.#marks = marks;
    this.#watch = new ChannelWatch({ marks, isAttached: this.#isAttached, onTrouble: this.#onTrouble });
  }

  /**
   * Attaches objects by name, all of them or none. After {@link close} it does nothing.
   *
   * @returns detaches them; calling it twice does nothing
   * @throws InvalidOptionError for a name that is taken, an object that is not recognised, and past 50 of them
   */
  attach(named: Readonly<Record<string, object>>): () => void {
    const found = this.#check(named);
    if (this.#isClosed) return () => {};
    for (const [name, attached] of found) {
      this.#attached.set(name, attached);
      this.#sampleOne(name, attached);
    }
    this.#follow();
    return () => {
      for (const [name, attached] of found) {
        // The name may be another's by now.
        if (this.#attached.get(name) === attached) this.#attached.delete(name);
      }
      this.#follow();
    };
  }

  /**
   * Counts what modules publish on their diagnostics channels, for those who are not attached.
   *
   * @returns ends it; calling it twice does nothing
   * @throws InvalidOptionError for a bad option, and while an earlier call has not been ended
   */
  subscribeChannels(options: ChannelOptions = {}): () => void {
    if (this.#isClosed) return () => {};
    if (this.#channels !== undefined) {
      throw new InvalidOptionError('subscribeChannels', 'ended before it is called again', options);
    }
    const channels = new ChannelCounts(
      { clock: this.#parts.clock, marks: this.#marks, isAttached: this.#isAttached, onTrouble: this.#onTrouble },
      options,
    );
    this.#channels = channels;
    if (!this.#isPaused) channels.start();
    return () => {
      channels.stop();
      if (this.#channels === channels) this.#channels = undefined;
    };
  }

  /** Reads the figures of all. Of one that fails the last ones stay, with the state `reading: 'stale'`; the others go on. */
  sample(): void {
    for (const [name, attached] of this.#attached) this.#sampleOne(name, attached);
    this.#channels?.sample();
  }

  /** As they were at the last sample, in the order in which they were attached; then those found on channels. */
  readings(): readonly AttachmentReading[] {
    const readings = [...this.#attached.values()].map((attached) => attached.reading);
    // What is attached under the name of one found on a channel stands for it.
    const found = this.#channels?.readings().filter((reading) => !this.#attached.has(reading.name)) ?? [];
    return [...readings, ...found];
  }

  /** Listens to no channel until {@link resume}, so that nobody builds events for it. What was counted stays. */
  pause(): void {
    this.#isPaused = true;
    this.#follow();
    this.#channels?.stop();
  }

  resume(): void {
    this.#isPaused = false;
    this.#follow();
    this.#channels?.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#attached.clear();
    this.#follow();
    this.#channels?.stop();
    this.#channels = undefined;
  }

  #check(named: Readonly<Record<string, object>>): ReadonlyMap<string, Attached> {
    // One that is attached without a name would be taken for the object of names.
    if (typeof named !== 'object' || named === null || kindOf(named) !== undefined) {
      throw new InvalidOptionError('attach', 'objects by name, as in attach({ cache })', named);
    }
    const found = new Map<string, Attached>();
    for (const [name, value] of Object.entries(named)) {
      if (name === '') throw new InvalidOptionError('attach', 'objects by names that are not empty', named);
      if (this.#attached.has(name)) {
        throw new InvalidOptionError(`attach.${name}`, 'under a name that is not attached yet', value);
      }
      found.set(name, attachedOf(name, value));
    }
    const count = this.#attached.size + found.size;
    if (count > MOST_ATTACHED) throw new InvalidOptionError('attach', `at most ${MOST_ATTACHED} objects in all`, count);
    return found;
  }

  #sampleOne(name: string, attached: Attached): void {
    try {
      const reading = readingOf(name, attached.kind, attached.value);
      const rates = attached.rates?.add(this.#parts.clock.now(), reading.counters);
      attached.reading = rates === undefined ? reading : { ...reading, gauges: { ...reading.gauges, ...rates } };
      attached.isStale = false;
    } catch (error) {
      if (attached.isStale) return;
      attached.isStale = true;
      const { reading } = attached;
      attached.reading = { ...reading, states: { ...reading.states, reading: 'stale' } };
      this.#onTrouble(error, `the figures of '${name}'`);
    }
  }

  #follow(): void {
    const attached = this.#isPaused ? [] : [...this.#attached.values()];
    this.#watch?.follow(new Set(attached.map(({ kind }) => kind)));
  }
}

function attachedOf(name: string, value: object): Attached {
  const kind = kindOf(value);
  if (kind === undefined) throw new InvalidOptionError(`attach.${name}`, ATTACHABLE, value);
  const tiers = TIERS[kind];
  return {
    kind,
    value,
    namespace: nameOnChannels(kind, value),
    rates: tiers && new HitRates(tiers),
    reading: { name, kind, counters: {}, gauges: {}, reasons: {}, states: {} },
    isStale: false,
  };
}

/** How its events name it, where its kind has channels. */
function nameOnChannels(kind: AttachmentKind, value: object): unknown {
  const module = Object.values(CHANNEL_EVENTS).find((one) => one.kind === kind);
  return module && (value as Readonly<Record<string, unknown>>)[module.namedBy];
}

import type { Clock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { flag } from '../../core/option-values.js';
import type { AttachmentReading } from './attachment-reading.js';
import { CHANNEL_EVENTS, type ChannelModule, subscribeEvents } from './channel-events.js';
import type { ChannelMarks } from './channel-marks.js';
import { ChannelTally } from './channel-tally.js';

/** What to listen to. */
export interface ChannelOptions {
  /** @default every module whose events are known */
  readonly modules?: readonly ChannelModule[];
  /** Count hits too, for a hit rate: every hit of every cache in the process then builds an event. @default false */
  readonly hits?: boolean;
}

const OPTIONS: readonly (keyof ChannelOptions)[] = ['modules', 'hits'];
const MODULES = Object.keys(CHANNEL_EVENTS) as ChannelModule[];
/** Past so many namespaces, further ones are counted as one. */
const MOST_NAMESPACES = 100;
const OTHER_NAMESPACES = '(other)';
const LONGEST_NAMESPACE = 100;

/**
 * Counts what modules publish on their diagnostics channels, by namespace: caches of which nobody has told the monitor. What was
 * published before is not known, and neither is anything that is no event, such as how many entries there are.
 *
 * Events name the namespace and not the cache: where one of a namespace is attached, no other of it is counted.
 */
export class ChannelCounts {
  readonly #clock: Clock;
  readonly #hits: boolean;
  readonly #isAttached: (module: ChannelModule, namespace: string) => boolean;
  readonly #marks: ChannelMarks | undefined;
  readonly #onTrouble: (error: unknown, during: string) => void;
  readonly #tallies: ReadonlyMap<ChannelModule, Map<string, ChannelTally>>;
  #ends: readonly (() => void)[] = [];

  /**
   * @param parts.isAttached - whose events are not counted: the figures of an attached object say more
   * @throws InvalidOptionError for an unknown module or option
   */
  constructor(
    parts: {
      readonly clock: Clock;
      readonly marks: ChannelMarks | undefined;
      isAttached(module: ChannelModule, namespace: string): boolean;
      onTrouble(error: unknown, during: string): void;
    },
    options: ChannelOptions = {},
  ) {
    const modules = modulesOf(options);
    this.#clock = parts.clock;
    this.#hits = options.hits ?? false;
    this.#isAttached = parts.isAttached;
    this.#marks = parts.marks;
    this.#onTrouble = parts.onTrouble;
    this.#tallies = new Map(modules.map((module) => [module, new Map()]));
  }

  /** Listens, unless it does already. */
  start(): void {
    if (this.#ends.length === 0) this.#ends = [...this.#tallies.keys()].map((module) => this.#subscribe(module));
  }

  /** Ends that. What was counted stays. */
  stop(): void {
    for (const end of this.#ends) end();
    this.#ends = [];
    for (const tallies of this.#tallies.values()) for (const tally of tallies.values()) tally.forgetStates();
  }

  sample(): void {
    const now = this.#clock.now();
    for (const tallies of this.#tallies.values()) for (const tally of tallies.values()) tally.sample(now);
  }

  /** One for each namespace that has published and is not attached, named `<module>:<namespace>`. */
  readings(): readonly AttachmentReading[] {
    const readings: AttachmentReading[] = [];
    for (const [module, tallies] of this.#tallies) {
      const { kind } = CHANNEL_EVENTS[module];
      for (const [namespace, tally] of tallies) {
        if (this.#isAttached(module, namespace)) continue;
        readings.push(tally.reading(`${module}:${namespace}`, kind));
      }
    }
    return readings;
  }

  #subscribe(module: ChannelModule): () => void {
    return subscribeEvents(
      module,
      CHANNEL_EVENTS[module].rules.filter((rule) => this.#hits || !rule.isEveryRead),
      (rule, namespace, data) => {
        if (this.#isAttached(module, namespace)) return;
        this.#tallyOf(module, namespace).count(rule, data);
        this.#marks?.offer(module, rule, namespace, data);
      },
      this.#onTrouble,
    );
  }

  #tallyOf(module: ChannelModule, namespace: string): ChannelTally {
    const tallies = this.#tallies.get(module)!;
    let name = namespace.slice(0, LONGEST_NAMESPACE);
    if (!tallies.has(name) && tallies.size >= MOST_NAMESPACES) name = OTHER_NAMESPACES;
    let tally = tallies.get(name);
    if (tally === undefined) {
      tally = new ChannelTally(this.#hits, this.#clock.now());
      tallies.set(name, tally);
    }
    return tally;
  }
}

function modulesOf(options: ChannelOptions): readonly ChannelModule[] {
  checkOptions('options', options);
  checkNames('', options, OPTIONS);
  const { modules = MODULES, hits = false } = options;
  flag('hits', hits);
  const areKnown = Array.isArray(modules) && modules.length > 0 && modules.every((module) => MODULES.includes(module));
  if (!areKnown) throw new InvalidOptionError('modules', `a list of some of ${MODULES.join(', ')}`, modules);
  return [...new Set(modules)];
}

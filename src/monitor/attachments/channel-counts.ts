import type { Clock } from '../../core/clock.js';
import { InvalidOptionError } from '../../core/errors.js';
import { checkNames, checkOptions } from '../../core/option-names.js';
import { flag } from '../../core/option-values.js';
import type { AttachmentReading } from './attachment-reading.js';
import { CHANNEL_EVENTS, type ChannelModule, type Frequent, subscribeEvents } from './channel-events.js';
import type { ChannelMarks } from './channel-marks.js';
import { ChannelTally } from './channel-tally.js';

/** What to listen to. */
export interface ChannelOptions {
  /** @default every module whose events are known */
  readonly modules?: readonly ChannelModule[];
  /** Count hits too, for a hit rate: every hit of every cache in the process then builds an event. @default false */
  readonly hits?: boolean;
  /**
   * Count calls too, for those that ended well and those that failed: every call of every processor in the process then builds an event. So does
   * every call under `monitorMemory`, for which resident memory is read as well. @default false
   */
  readonly calls?: boolean;
}

const OPTIONS: readonly (keyof ChannelOptions)[] = ['modules', 'hits', 'calls'];
const MODULES = Object.keys(CHANNEL_EVENTS) as ChannelModule[];
/** Past so many namespaces, further ones are counted as one. */
const MOST_NAMESPACES = 100;
const OTHER_NAMESPACES = '(other)';
const LONGEST_NAMESPACE = 100;

/**
 * Counts what modules publish on their diagnostics channels, by namespace: caches, processors and memory managers of which nobody has told the monitor. What was
 * published before is not known, and neither is anything that is no event, such as how many entries there are.
 *
 * Events name the namespace and not the object: where one of a namespace is attached, no other of it is counted.
 */
export class ChannelCounts {
  readonly #clock: Clock;
  readonly #counts: Readonly<Record<Frequent, boolean>>;
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
    this.#counts = { hits: options.hits ?? false, calls: options.calls ?? false };
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
      for (const [namespace, tally] of tallies) {
        if (this.#isAttached(module, namespace)) continue;
        readings.push(tally.reading(`${module}:${namespace}`));
      }
    }
    return readings;
  }

  #subscribe(module: ChannelModule): () => void {
    return subscribeEvents(
      module,
      CHANNEL_EVENTS[module].rules.filter(({ frequent }) => frequent === undefined || this.#counts[frequent]),
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
      const known = CHANNEL_EVENTS[module];
      tally = new ChannelTally(known, this.#counts[known.frequent], this.#clock.now());
      tallies.set(name, tally);
    }
    return tally;
  }
}

function modulesOf(options: ChannelOptions): readonly ChannelModule[] {
  checkOptions('options', options);
  checkNames('', options, OPTIONS);
  const { modules = MODULES, hits = false, calls = false } = options;
  flag('hits', hits);
  flag('calls', calls);
  const areKnown = Array.isArray(modules) && modules.length > 0 && modules.every((module) => MODULES.includes(module));
  if (!areKnown) throw new InvalidOptionError('modules', `a list of some of ${MODULES.join(', ')}`, modules);
  return [...new Set(modules)];
}

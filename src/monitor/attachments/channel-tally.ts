import type { AttachmentReading } from './attachment-reading.js';
import { type ChannelRule, type ModuleChannelRules, stateSaid } from './channel-events.js';
import type { Figures } from './figures.js';
import { HitRates } from './hit-rates.js';

/** Reasons come from closed lists, but anybody may publish on a channel. */
const MOST_REASONS = 32;
const OTHER_REASONS = '(other)';

/** Events of one namespace, counted. */
export class ChannelTally {
  readonly #counters = new Map<string, number>();
  readonly #reasons = new Map<string, Map<string, number>>();
  readonly #states = new Map<string, string>();
  readonly #module: ModuleChannelRules;
  readonly #countsFrequent: boolean;
  /** `undefined` where hits are not counted: misses alone make no rate. */
  readonly #rates: HitRates | undefined;
  #rated: Readonly<Record<string, number>> = {};

  /** @param countsFrequent - whether hits, or calls, are counted too */
  constructor(module: ModuleChannelRules, countsFrequent: boolean, now: number) {
    this.#module = module;
    this.#countsFrequent = countsFrequent;
    const { ratedTiers } = module;
    this.#rates = countsFrequent && ratedTiers !== undefined ? new HitRates(ratedTiers) : undefined;
    this.#rates?.add(now, { hits: 0, misses: 0 });
  }

  count(rule: ChannelRule, data: Figures): void {
    addTo(this.#counters, rule.counter);
    if (rule.counterBy !== undefined) {
      const { field, counters } = rule.counterBy;
      const by = data[field];
      // Anybody may publish on a channel: `constructor` is no tier.
      if (typeof by === 'string' && Object.hasOwn(counters, by)) addTo(this.#counters, counters[by]!);
    }
    for (const [counter, field] of Object.entries(rule.sums ?? {})) {
      const value = data[field];
      if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) addTo(this.#counters, counter, value);
    }
    if (rule.reasons !== undefined) this.#addReason(rule.reasons.name, data[rule.reasons.field]);
    const state = stateSaid(rule, data);
    if (state !== undefined) this.#states.set(rule.state!.name, state);
  }

  /** What may change while nobody listens is not known from then on. */
  forgetStates(): void {
    this.#states.clear();
  }

  /** Brings the hit rates up to date. */
  sample(now: number): void {
    if (this.#rates === undefined) return;
    const { hits = 0, misses = 0, ...tiers } = Object.fromEntries(this.#counters);
    const rates = this.#rates.add(now, { hits, misses, ...tiers });
    this.#rated = { ...(hits + misses > 0 && { hitRate: hits / (hits + misses) }), ...rates };
  }

  reading(name: string): AttachmentReading {
    const { kind, frequent } = this.#module;
    const reasons: Record<string, Readonly<Record<string, number>>> = {};
    for (const [about, counts] of this.#reasons) reasons[about] = Object.fromEntries(counts);
    return {
      name,
      kind,
      counters: Object.fromEntries(this.#counters),
      gauges: this.#rated,
      reasons,
      // So that nobody takes a cache whose misses are all that is known for one that never hits.
      states: { ...Object.fromEntries(this.#states), ...(!this.#countsFrequent && { [frequent]: 'not counted' }) },
    };
  }

  #addReason(about: string, reason: unknown): void {
    if (typeof reason !== 'string') return;
    let counts = this.#reasons.get(about);
    if (counts === undefined) {
      counts = new Map();
      this.#reasons.set(about, counts);
    }
    addTo(counts, counts.has(reason) || counts.size < MOST_REASONS ? reason : OTHER_REASONS);
  }
}

function addTo(counts: Map<string, number>, name: string, value = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + value);
}

import type { Clock } from '../core/clock.js';
import type { Collecting } from './collecting.js';
import type { Trim } from './memory-events.js';
import type { MemoryLevel } from './memory-level.js';
import type { MemoryAction, Optimization } from './optimization.js';
import type { Registered } from './registered.js';
import type { Registry } from './registry.js';
import type { Relief } from './relief.js';
import type { Trimming } from './trimming.js';

/** What a response works with. */
export interface ResponseParts {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly trimming: Trimming;
  readonly collecting: Collecting;
}

/** What to respond to. */
export interface Situation {
  readonly level: MemoryLevel;
  readonly relief: Relief;
  /** Nothing is trimmed or collected, only told. */
  readonly isObserving: boolean;
}

/** Asked of those who do not say how much they hold. */
const BLIND_PART = 0.5;
/** They are not asked again so soon: for lack of figures each time would take half of the rest. */
const BLIND_REST_MS = 10_000;
/** And where memory is critical, not at each look. */
const BLIND_CRITICAL_REST_MS = 1_000;
/** A smaller part is not worth the walk through it. */
const LEAST_PART = 0.1;

/**
 * Gives memory back: what is registered, in its order, until it is enough, or all of it where memory is critical; then the collector, where that
 * is allowed. One response to a level at a time: one to a critical level does not wait for the end of what began before.
 */
export class Response {
  readonly #parts: ResponseParts;
  readonly #running = new Map<MemoryLevel, Promise<Optimization>>();

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** Never rejects. A response to the level that is under way is the answer for all who ask meanwhile. */
  respond(situation: Situation): Promise<Optimization> {
    const { level } = situation;
    const running = this.#running.get(level);
    if (running) return running;
    const response = this.#run(situation).finally(() => this.#running.delete(level));
    this.#running.set(level, response);
    return response;
  }

  async #run({ level, relief, isObserving }: Situation): Promise<Optimization> {
    const actions: MemoryAction[] = [];
    let freedBytes = 0;
    if (relief.kind === 'pressed' || relief.kind === 'critical') {
      let left = relief.kind === 'pressed' ? relief.bytes : Number.POSITIVE_INFINITY;
      for (const registered of this.#parts.registry.inOrder()) {
        if (left <= 0) break;
        const part = isObserving && this.#wasAskedLately(registered) ? 0 : this.#partOf(registered, left);
        if (part === 0) continue;
        const trim = this.#trim(registered, part, level, isObserving);
        // Awaited only where it must be: all that answers at once is done within this turn.
        const done = trim instanceof Promise ? await trim : trim;
        actions.push({ kind: 'trim', ...done });
        freedBytes += done.freedBytes;
        left -= isObserving ? part * (registered.bytes ?? 0) : done.freedBytes;
      }
    }
    if (relief.kind !== 'calm') actions.push(await this.#collect(level, isObserving));
    return { level, freedBytes, actions, reason: relief.kind };
  }

  /** Above 0 and up to 1; 0 when it is not to be asked. */
  #partOf(registered: Registered, left: number): number {
    const { bytes } = registered;
    const isCritical = left === Number.POSITIVE_INFINITY;
    if (bytes === 0) return 0;
    if (bytes !== undefined) return isCritical ? 1 : Math.min(1, Math.max(LEAST_PART, left / bytes));
    if (this.#wasAskedLately(registered, isCritical ? BLIND_CRITICAL_REST_MS : BLIND_REST_MS)) return 0;
    return isCritical ? 1 : BLIND_PART;
  }

  #wasAskedLately({ askedAt }: Registered, restMs: number = BLIND_REST_MS): boolean {
    return this.#parts.clock.now() - askedAt < restMs;
  }

  #trim(registered: Registered, part: number, level: MemoryLevel, isObserving: boolean): Trim | Promise<Trim> {
    const { trimming } = this.#parts;
    return isObserving ? trimming.observed(registered, part, level) : trimming.trim(registered, part, level);
  }

  async #collect(level: MemoryLevel, isObserving: boolean): Promise<MemoryAction> {
    if (isObserving) return { kind: 'gc', outcome: 'skipped', why: 'observed' };
    return this.#parts.collecting.run(level);
  }
}

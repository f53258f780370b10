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
  /** Whether nothing is to be done any more. */
  isEnded(): boolean;
  onTrouble(error: unknown, during: string): void;
}

/** What to respond to. */
export interface Situation {
  readonly level: MemoryLevel;
  readonly relief: Relief;
  /** Nothing is trimmed or collected, only told. */
  readonly isObserving: boolean;
}

/** What belongs to one response. */
interface Turn {
  readonly level: MemoryLevel;
  readonly isObserving: boolean;
  readonly actions: MemoryAction[];
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
    // Known before it begins: what is trimmed may ask for memory itself, and has the same answer.
    let settle: (optimization: Optimization) => void = () => {};
    const response = new Promise<Optimization>((resolve) => {
      settle = resolve;
    });
    this.#running.set(level, response);
    const actions: MemoryAction[] = [];
    void this.#run(situation, actions)
      .catch((error: unknown) => this.#parts.onTrouble(error, 'a response to short memory'))
      .then(() => {
        this.#running.delete(level);
        settle({ level, freedBytes: freedBy(actions), actions, reason: situation.relief.kind });
      });
    return response;
  }

  async #run({ level, relief, isObserving }: Situation, actions: MemoryAction[]): Promise<void> {
    if (relief.kind === 'calm') return;
    const turn = { level, isObserving, actions };
    if (relief.kind === 'critical') await this.#emptyAll(turn);
    if (relief.kind === 'pressed') await this.#giveBack(turn, relief.bytes);
    if (!this.#parts.isEnded()) actions.push(await this.#collect(level, isObserving));
  }

  /** All are asked at once: none waits for one that hangs. */
  async #emptyAll(turn: Turn): Promise<void> {
    const waiting: Promise<Trim>[] = [];
    for (const registered of this.#parts.registry.inOrder()) {
      const trim = this.#ask(registered, Number.POSITIVE_INFINITY, turn);
      if (trim instanceof Promise) waiting.push(trim);
      else if (trim) turn.actions.push({ kind: 'trim', ...trim });
    }
    for (const trim of await Promise.all(waiting)) turn.actions.push({ kind: 'trim', ...trim });
  }

  /** One after the other, until it is enough. */
  async #giveBack(turn: Turn, bytes: number): Promise<void> {
    let left = bytes;
    for (const registered of this.#parts.registry.inOrder()) {
      if (left <= 0) return;
      const held = registered.bytes ?? 0;
      const asked = this.#ask(registered, left, turn);
      if (asked === undefined) continue;
      // Awaited only where it must be: all that answers at once is done within this turn.
      const trim = asked instanceof Promise ? await asked : asked;
      turn.actions.push({ kind: 'trim', ...trim });
      left -= turn.isObserving ? trim.fraction * held : trim.freedBytes;
    }
  }

  /** `undefined` where it is not to be asked. */
  #ask(registered: Registered, left: number, { level, isObserving }: Turn): Trim | Promise<Trim> | undefined {
    const { registry, trimming, isEnded } = this.#parts;
    // What was asked before may have ended this one's registration, or all of it.
    if (isEnded() || !registry.has(registered)) return undefined;
    if (isObserving && this.#wasAskedLately(registered)) return undefined;
    const part = this.#partOf(registered, left);
    if (part === 0) return undefined;
    return isObserving ? trimming.observed(registered, part, level) : trimming.trim(registered, part, level);
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
    const ago = this.#parts.clock.now() - askedAt;
    // A host's clock may be set back: then nothing is known of how long ago.
    return ago >= 0 && ago < restMs;
  }

  async #collect(level: MemoryLevel, isObserving: boolean): Promise<MemoryAction> {
    if (isObserving) return { kind: 'gc', outcome: 'skipped', why: 'observed' };
    return this.#parts.collecting.run(level);
  }
}

function freedBy(actions: readonly MemoryAction[]): number {
  return actions.reduce((sum, action) => (action.kind === 'trim' ? sum + action.freedBytes : sum), 0);
}

import type { ItemContext } from './call-context.js';
import type { HeaderSource } from './rate/header-source.js';

/** A signal that nobody has asked for yet: only the reason is kept. */
class Stopped {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** What a function is given for one attempt. Nothing is made of it that the function does not ask for. */
export class AttemptContext implements ItemContext {
  readonly index: number;
  readonly attempt: number;
  #stop: AbortController | Stopped | undefined;

  constructor(index: number, attempt: number) {
    this.index = index;
    this.attempt = attempt;
  }

  get signal(): AbortSignal {
    const stop = this.#stop;
    if (stop instanceof AbortController) return stop.signal;
    const controller = new AbortController();
    this.#stop = controller;
    if (stop !== undefined) controller.abort(stop.reason);
    return controller.signal;
  }

  // Getters, so that they can be taken out of the context: `({ settle }) => ...`.

  /** There is no limit of tokens that it could tell. */
  get settle(): (tokens: number) => void {
    return nothing;
  }

  /** There is no limit that they could tell. */
  get headers(): (headers: HeaderSource) => void {
    return nothing;
  }

  /** Tells the function to stop. */
  abort(reason: unknown): void {
    const stop = this.#stop;
    if (stop === undefined) this.#stop = new Stopped(reason);
    else if (stop instanceof AbortController) stop.abort(reason);
  }
}

function nothing(): void {}

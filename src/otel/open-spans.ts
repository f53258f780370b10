import type { ContextLike, SpanLike } from './tracer-like.js';

/** The span of a timer under way. */
export interface OpenSpan {
  readonly span: SpanLike;
  /** As it was when the timer began; `undefined` where @opentelemetry/api is not there. */
  readonly context: ContextLike | undefined;
  readonly name: string;
}

/** Spans of timers under way, by timer id. At most `most`: beyond, the oldest is given up. */
export class OpenSpans {
  readonly #spans = new Map<number, OpenSpan>();
  readonly #most: number;
  readonly #giveUp: (open: OpenSpan) => void;

  constructor(most: number, giveUp: (open: OpenSpan) => void) {
    this.#most = most;
    this.#giveUp = giveUp;
  }

  get size(): number {
    return this.#spans.size;
  }

  add(id: number, open: OpenSpan): void {
    this.#spans.set(id, open);
    if (this.#spans.size <= this.#most) return;
    const [oldest, given] = this.#spans.entries().next().value!;
    this.#spans.delete(oldest);
    this.#giveUp(given);
  }

  take(id: number): OpenSpan | undefined {
    const open = this.#spans.get(id);
    this.#spans.delete(id);
    return open;
  }

  giveUpAll(): void {
    const all = [...this.#spans.values()];
    this.#spans.clear();
    for (const open of all) this.#giveUp(open);
  }
}

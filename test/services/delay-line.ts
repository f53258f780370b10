/** One direction of a connection: what goes in comes out in order, later by the delay of the moment it went in. */
export class DelayLine {
  readonly #out: (chunk: Buffer | 'end') => void;
  readonly #delayMs: () => number;
  readonly #queue: { readonly at: number; readonly chunk: Buffer | 'end' }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #frozen = false;

  constructor(delayMs: () => number, out: (chunk: Buffer | 'end') => void) {
    this.#delayMs = delayMs;
    this.#out = out;
  }

  put(chunk: Buffer | 'end'): void {
    const delay = this.#delayMs();
    if (delay === 0 && this.#queue.length === 0 && !this.#frozen) {
      this.#out(chunk);
      return;
    }
    // Never before what went in earlier.
    const at = Math.max(this.#queue.at(-1)?.at ?? 0, performance.now() + delay);
    this.#queue.push({ at, chunk });
    this.#arm();
  }

  /** Holds everything back until it is let go. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#arm();
  }

  /** Nothing comes out any more. */
  stop(): void {
    this.#queue.length = 0;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const head = this.#queue[0];
    if (!head || this.#frozen) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, head.at - performance.now()));
  }

  #flush(): void {
    // A timer may fire a fraction of a millisecond early.
    const now = performance.now() + 1;
    while (this.#queue.length > 0 && this.#queue[0]!.at <= now) this.#out(this.#queue.shift()!.chunk);
    this.#arm();
  }
}

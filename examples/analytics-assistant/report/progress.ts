const LINE_EVERY_MS = 3_000;

/** What the demo is doing, on stderr: one line rewritten in place on a terminal, a line every few seconds elsewhere. */
export class Progress {
  readonly #startedAt = performance.now();
  #lastLineAt = Number.NEGATIVE_INFINITY;
  #label = '';

  /** A new thing begins. */
  step(label: string): void {
    this.#label = label;
    this.#lastLineAt = Number.NEGATIVE_INFINITY;
    this.#write(label);
  }

  /** The current thing has come this far. */
  update(done: number, total: number): void {
    this.#write(`${this.#label} ${done} / ${total}`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #write(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1_000).toFixed(0).padStart(3);
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${seconds} s  ${text}`);
    } else if (performance.now() - this.#lastLineAt > LINE_EVERY_MS) {
      this.#lastLineAt = performance.now();
      process.stderr.write(`${seconds} s  ${text}\n`);
    }
  }
}

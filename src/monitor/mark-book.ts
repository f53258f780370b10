import type { Mark } from './mark.js';

const MOST = 200;

/** The last marks, oldest first. */
export class MarkBook {
  readonly #marks: Mark[] = [];

  add(mark: Mark): void {
    this.#marks.push(mark);
    if (this.#marks.length > MOST) this.#marks.shift();
  }

  since(at: number): readonly Mark[] {
    return this.#marks.filter((mark) => mark.at >= at);
  }
}

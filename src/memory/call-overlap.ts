/** What one call knows of the others. */
export interface Stay {
  readonly wasAlone: boolean;
  /** How many calls had begun when this one last knew that it was alone. */
  begun: number;
}

/** Tells which calls ran at the same time. Two counters: what never ends holds nothing. */
export class CallOverlap {
  #running = 0;
  #begun = 0;

  /** Calls that have begun and not ended. */
  get running(): number {
    return this.#running;
  }

  begin(): Stay {
    const stay = { wasAlone: this.#running === 0, begun: ++this.#begun };
    this.#running++;
    return stay;
  }

  /** The function has returned, and goes on. Of what it called until now it was the only caller: what is over of that is part of it. */
  returned(stay: Stay): void {
    if (this.#running === 1) stay.begun = this.#begun;
  }

  /** Whether no other call ran since it began: of one that has returned. */
  isAlone(stay: Stay): boolean {
    return stay.wasAlone && stay.begun === this.#begun;
  }

  end(): void {
    this.#running--;
  }
}

/** Tells of target functions that fail: of each once, and again after it has worked. They are asked at every look. */
export class TargetTroubles {
  readonly #onTrouble: (error: unknown, during: string) => void;
  readonly #failing = new Set<string>();

  constructor(onTrouble: (error: unknown, during: string) => void) {
    this.#onTrouble = onTrouble;
  }

  failed(target: string, error: unknown): void {
    if (this.#failing.has(target)) return;
    // Before it is told: a listener may look at the targets.
    this.#failing.add(target);
    this.#onTrouble(error, `target ${JSON.stringify(target)}`);
  }

  worked(target: string): void {
    this.#failing.delete(target);
  }
}

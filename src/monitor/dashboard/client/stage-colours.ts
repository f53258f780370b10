const COLOURS = 7;

/** Gives each stage a colour of its own by the order in which the page met them; later ones share. */
export class StageColours {
  readonly #colours = new Map<string, number>();

  /** The class of the style sheet that colours it. */
  of(stage: string): string {
    let number = this.#colours.get(stage);
    if (number === undefined) {
      number = (this.#colours.size % COLOURS) + 1;
      this.#colours.set(stage, number);
    }
    return `stage-${number}`;
  }
}

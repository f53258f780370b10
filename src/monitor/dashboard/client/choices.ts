/** What the viewer chose to see. Kept while the page is open, and nowhere else. */
export class Choices {
  #windowMs: number | undefined;
  #metric: string | undefined;
  readonly #asked: string[] = [];
  readonly #changed: (isServers: boolean) => void;

  /** @param changed - told whether the server has to send something else */
  constructor(changed: (isServers: boolean) => void) {
    this.#changed = changed;
  }

  get metric(): string | undefined {
    return this.#metric;
  }

  /** What the stream of events is asked for. */
  get query(): string {
    const query = new URLSearchParams();
    if (this.#windowMs !== undefined) query.set('window', `${this.#windowMs}ms`);
    for (const name of this.#asked) query.append('series', name);
    return query.size === 0 ? '' : `?${query}`;
  }

  show(windowMs: number): void {
    this.#windowMs = windowMs;
    this.#changed(true);
  }

  /** @param isShown - whether the server sends the metric already */
  chart(metric: string, isShown = true): void {
    this.#metric = metric;
    if (!isShown) {
      // One more than the most-used names is enough: the one that is looked at.
      this.#asked.splice(0, this.#asked.length, metric);
    }
    this.#changed(!isShown);
  }
}

import type { FoundSeries as SearchAnswer } from '../found-series.js';

/** A name that the server's search has found. */
export type FoundSeries = SearchAnswer['names'][number];

const PAUSE_MS = 250;

/** Looks for names: at once among those on the page, and, when typing pauses, on the server among all. */
export class SeriesSearch {
  readonly #changed: () => void;
  #text = '';
  #found: readonly FoundSeries[] = [];
  #trouble = false;
  #pause = 0;
  #asked: AbortController | undefined;

  constructor(input: HTMLInputElement, changed: () => void) {
    this.#changed = changed;
    input.addEventListener('input', () => this.#look(input.value.trim().toLowerCase()));
  }

  get text(): string {
    return this.#text;
  }

  /** What the server has found for the text. */
  get found(): readonly FoundSeries[] {
    return this.#found;
  }

  /** Whether the server's part failed. */
  get trouble(): boolean {
    return this.#trouble;
  }

  matches(name: string): boolean {
    return name.toLowerCase().includes(this.#text);
  }

  #look(text: string): void {
    this.#text = text;
    this.#found = this.#found.filter(({ name }) => text !== '' && this.matches(name));
    this.#trouble = false;
    clearTimeout(this.#pause);
    this.#asked?.abort();
    if (text !== '') this.#pause = setTimeout(() => this.#ask(text), PAUSE_MS);
    this.#changed();
  }

  async #ask(text: string): Promise<void> {
    const asked = new AbortController();
    this.#asked = asked;
    try {
      const response = await fetch(`series.json?q=${encodeURIComponent(text)}`, {
        cache: 'no-store',
        signal: asked.signal,
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      this.#found = ((await response.json()) as SearchAnswer).names;
    } catch {
      if (asked.signal.aborted) return;
      this.#trouble = true;
    }
    this.#changed();
  }
}

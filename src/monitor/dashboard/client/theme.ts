import { setAttributes, setText } from './element.js';
import { forgetColours } from './palette.js';

/**
 * The viewer's scheme until the button is pressed; then the other one, until the page is closed. Nothing is stored. What draws on a canvas
 * hears of it by the document's event `colours`.
 */
export class Theme {
  readonly #button: HTMLButtonElement;
  readonly #system: MediaQueryList = matchMedia('(prefers-color-scheme: dark)');
  #chosen: 'light' | 'dark' | undefined;

  constructor(button: HTMLButtonElement) {
    this.#button = button;
    this.#system.addEventListener('change', () => this.#apply());
    button.addEventListener('click', () => {
      this.#chosen = this.#isDark() ? 'light' : 'dark';
      this.#apply();
    });
    this.#apply();
  }

  #isDark(): boolean {
    return this.#chosen ? this.#chosen === 'dark' : this.#system.matches;
  }

  #apply(): void {
    setAttributes(document.documentElement, { 'data-theme': this.#chosen });
    const other = this.#isDark() ? 'light' : 'dark';
    setAttributes(this.#button, { 'data-other': other });
    setText(this.#button, other === 'dark' ? 'Dark' : 'Light');
    setAttributes(this.#button, { 'aria-label': `Switch to ${other} colours` });
    forgetColours();
    document.dispatchEvent(new Event('colours'));
  }
}

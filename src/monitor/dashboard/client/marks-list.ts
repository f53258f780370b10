import type { DashboardSnapshot } from '../snapshot.js';
import { element } from './element.js';
import { timeOfDay } from './moments.js';

const MOST_SHOWN = 6;

/** The marks of the time shown as text, the last ones first. */
export class MarksList {
  readonly element: HTMLElement = element('ul', { class: 'marks', 'aria-label': 'Marks' });
  #shown = '';

  show({ marks, at, windowMs }: DashboardSnapshot): void {
    const recent = marks
      .filter((mark) => mark.at >= at - windowMs)
      .slice(-MOST_SHOWN)
      .reverse();
    const key = JSON.stringify(recent);
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.hidden = recent.length === 0;
    this.element.replaceChildren(
      ...recent.map((mark) => {
        const facts = Object.entries(mark.metadata).map(([name, value]) => `${name} ${String(value)}`);
        return element(
          'li',
          {},
          element('time', {}, timeOfDay(mark.at)),
          element('strong', {}, mark.name),
          facts.length > 0 && element('span', {}, facts.join(', ')),
        );
      }),
    );
  }
}

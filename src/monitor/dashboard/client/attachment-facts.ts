import type { AttachmentReading } from '../../attachments/attachment-reading.js';
import { element } from './element.js';
import { amount } from './figures.js';
import { percent } from './meter.js';
import { namedFigure, words } from './words.js';

/** Figures by name: `entries 190`, `saved 6.7 min`. */
export function figuresList(figures: Readonly<Record<string, number>>, names: readonly string[]): HTMLElement {
  const entries = names.flatMap((name) => {
    const value = figures[name];
    if (value === undefined) return [];
    return [element('div', {}, element('dt', {}, words(name)), element('dd', {}, namedFigure(name, value)))];
  });
  return element('dl', { class: 'figures' }, ...entries);
}

/** Counts by reason as bars, most frequent first. */
export function reasonBars(title: string, counts: Readonly<Record<string, number>>): HTMLElement {
  const sorted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
  const most = sorted[0]?.[1] ?? 1;
  const bars = sorted.map(([reason, count]) => {
    const fill = element('span', { class: 'fill' });
    fill.style.width = percent(count / most);
    return element(
      'li',
      {},
      element('span', {}, reason),
      element('span', { class: 'reason-bar', 'aria-hidden': 'true' }, fill),
      element('span', { class: 'reason-count' }, amount(count)),
    );
  });
  return element(
    'div',
    { class: 'reasons' },
    element('h4', {}, title),
    bars.length > 0 ? element('ul', {}, ...bars) : element('p', { class: 'note' }, 'none so far'),
  );
}

/** States as tags: `bus live`. Of the shared tier it is its breaker's. */
export function stateTags({ states }: Pick<AttachmentReading, 'states'>): readonly HTMLElement[] {
  return Object.entries(states).map(([name, state]) => {
    const isBad = state === 'open' || state === 'critical' || state === 'down';
    const title = name === 'remote' ? 'breaker' : words(name);
    return element('span', { class: isBad ? 'tag bad' : 'tag' }, `${title} ${state}`);
  });
}

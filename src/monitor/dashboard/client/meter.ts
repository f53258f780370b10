import { element } from './element.js';

/** A bar that is filled by a share. Decoration: the figures beside it say the same in words. */
export interface Meter {
  readonly element: HTMLElement;
  /** @param mark - where a line stands across the bar, a share too */
  show(filled: number | null, mark?: number): void;
}

/** An empty meter. */
export function meter(): Meter {
  const fill = element('span', { class: 'fill' });
  const line = element('span', { class: 'line', hidden: true });
  const bar = element('div', { class: 'meter', 'aria-hidden': 'true' }, fill, line);
  return {
    element: bar,
    show: (filled, mark) => {
      fill.style.width = percent(filled ?? 0);
      line.hidden = mark === undefined;
      if (mark !== undefined) line.style.left = percent(mark);
    },
  };
}

/** A share as a CSS length, kept within its box. */
export function percent(share: number): string {
  return `${Math.min(100, Math.max(0, share * 100)).toFixed(2)}%`;
}

import { type Child, element, setText } from './element.js';
import { meter } from './meter.js';

/** A named figure with a meter: `rss  327 MB of 537 MB  [====  ]`. */
export interface ShareMeter {
  readonly element: HTMLElement;
  show(text: string, filled: number | null): void;
}

/** An empty one. */
export function shareMeter(name: Child): ShareMeter {
  const figure = element('span');
  const bar = meter();
  return {
    element: element('div', { class: 'share-meter' }, element('p', {}, element('span', {}, name), figure), bar.element),
    show: (text, filled) => {
      setText(figure, text);
      bar.show(filled);
    },
  };
}

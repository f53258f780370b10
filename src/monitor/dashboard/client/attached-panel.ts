import type { AttachmentReading } from '../../attachments/attachment-reading.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { figuresList, reasonBars, stateTags } from './attachment-facts.js';
import { element } from './element.js';
import { KeyedList, type Row } from './keyed-list.js';
import type { Panel } from './panel.js';
import { words } from './words.js';

const MOST_FIGURES = 16;

/** Whatever else is attached, by its figures. The card is there only while something is. */
export function attachedPanel(card: HTMLElement, body: HTMLElement): Panel {
  const list = element('div', { class: 'attached' });
  const others = new KeyedList<AttachmentReading>(list, ({ name }) => name, otherCard);
  body.append(list);
  return {
    show: ({ attachments }: DashboardSnapshot) => {
      const some = attachments.filter(({ kind }) => kind === 'memory' || kind === 'optimizer');
      card.hidden = some.length === 0;
      others.show(some);
    },
  };
}

function otherCard(): Row<AttachmentReading> {
  const card = element('article', { class: 'attachment' });
  let shown: AttachmentReading | undefined;
  return {
    element: card,
    update: (reading) => {
      if (reading === shown) return;
      shown = reading;
      const figures = { ...reading.gauges, ...reading.counters };
      card.replaceChildren(
        element('h3', {}, reading.name, ...stateTags(reading)),
        figuresList(figures, Object.keys(figures).slice(0, MOST_FIGURES)),
        ...Object.entries(reading.reasons).map(([title, counts]) => reasonBars(words(title), counts)),
      );
    },
  };
}

import type { AttachmentReading } from '../../attachments/attachment-reading.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { figuresList, reasonBars, stateTags } from './attachment-facts.js';
import { element } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { NO_FIGURE, share } from './figures.js';
import { KeyedList, type Row } from './keyed-list.js';
import type { Panel } from './panel.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { tierFigures } from './tier-figures.js';
import { words } from './words.js';

const FIGURES = [
  'entries',
  'bytes',
  'loads',
  'coalesced',
  'staleHits',
  'evictions',
  'savedMs',
  'savedTokens',
  'loadErrors',
];

/** Each attached cache: what its reads came to by tier, and why the misses missed. */
export function cachesPanel(body: HTMLElement): Panel {
  const list = element('div', { class: 'attached' });
  const caches = new KeyedList<AttachmentReading>(list, ({ name }) => name, cacheCard);
  const empty = emptyState('No cache is attached.', SUGGESTED_CALLS.attachCache);
  body.append(list, empty);
  return {
    show: ({ attachments }: DashboardSnapshot) => {
      const some = attachments.filter(({ kind }) => kind === 'cache' || kind === 'llm');
      caches.show(some);
      showOrEmpty(list, empty, some.length === 0);
    },
  };
}

function cacheCard(): Row<AttachmentReading> {
  const card = element('article', { class: 'attachment' });
  let shown: AttachmentReading | undefined;
  return {
    element: card,
    update: (reading) => {
      if (reading === shown) return;
      shown = reading;
      const { name, counters, gauges, reasons } = reading;
      card.replaceChildren(
        element('h3', {}, name, ...stateTags(reading)),
        element(
          'div',
          { class: 'attachment-parts' },
          element('div', {}, headline(reading), ...tierFigures(reading)),
          element(
            'div',
            {},
            ...Object.entries(reasons).map(([title, counts]) => reasonBars(words(title), counts)),
            figuresList({ ...counters, ...gauges }, FIGURES),
          ),
        ),
      );
    },
  };
}

/** The hit rate of the last minute, when there were reads in it; else of all reads. */
function headline({ counters, gauges }: AttachmentReading): HTMLElement | null {
  // Found by its channels, its hits are not counted: nothing is known of its reads.
  if (counters['hits'] === undefined) return null;
  const { hitRateRecent: recent, hitRateHour: hour, hitRate: all } = gauges;
  const text = (rate: number | undefined): string => (rate === undefined ? NO_FIGURE : share(rate));
  if (all === undefined) return element('p', { class: 'big' }, 'no reads yet');
  return element(
    'p',
    { class: 'big' },
    element('strong', {}, text(recent ?? all)),
    recent === undefined ? ' hit rate in all' : ` hit rate, last minute · ${text(hour)} last hour`,
  );
}

import type { AttachmentReading } from '../../attachments/attachment-reading.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { figuresList, reasonBars, stateTags } from './attachment-facts.js';
import { element } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { amount } from './figures.js';
import { KeyedList, type Row } from './keyed-list.js';
import type { Panel } from './panel.js';
import { shareMeter } from './share-meter.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { words } from './words.js';

/** Shown by meters. */
const METERED = new Set(['active', 'limit', 'queued']);
const MOST_FIGURES = 12;

/** Each attached processor: how much of its concurrency is in use, what waits, and how its tasks ended. */
export function queuePanel(body: HTMLElement): Panel {
  const list = element('div', { class: 'stacked' });
  const processors = new KeyedList<AttachmentReading>(list, ({ name }) => name, processorCard);
  const empty = emptyState('No processor is attached.', SUGGESTED_CALLS.attachProcessor);
  body.append(list, empty);
  return {
    show: ({ attachments }: DashboardSnapshot) => {
      const some = attachments.filter(({ kind }) => kind === 'processor');
      processors.show(some);
      showOrEmpty(list, empty, some.length === 0);
    },
  };
}

function processorCard(): Row<AttachmentReading> {
  const running = shareMeter('running');
  const queued = shareMeter('waiting');
  const title = element('h3');
  const rest = element('div', { class: 'stacked' });
  const card = element('article', { class: 'attachment' }, title, running.element, queued.element, rest);
  let shown: AttachmentReading | undefined;
  let deepest = 1;
  return {
    element: card,
    update: (reading) => {
      if (reading === shown) return;
      shown = reading;
      const { name, gauges, counters, reasons } = reading;
      title.replaceChildren(name, ...stateTags(reading));
      const limit = gauges['limit'];
      const now = gauges['active'] ?? 0;
      // Found by its channels, nothing is known of what runs and waits.
      running.element.hidden = gauges['active'] === undefined;
      queued.element.hidden = gauges['queued'] === undefined;
      running.show(
        limit === undefined ? amount(now) : `${amount(now)} of ${amount(limit)}`,
        limit ? now / limit : null,
      );
      const waiting = gauges['queued'] ?? 0;
      deepest = Math.max(deepest, waiting);
      queued.show(amount(waiting), waiting / deepest);
      const others = { ...counters, ...gauges };
      rest.replaceChildren(
        ...Object.entries(reasons)
          .filter(([, counts]) => Object.values(counts).some((count) => count > 0))
          .map(([heading, counts]) => reasonBars(words(heading), counts)),
        figuresList(
          others,
          Object.keys(others)
            .filter((key) => !METERED.has(key))
            .slice(0, MOST_FIGURES),
        ),
      );
    },
  };
}

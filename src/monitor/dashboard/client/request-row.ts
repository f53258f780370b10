import type { RequestView } from '../snapshot.js';
import { element, setAttributes } from './element.js';
import { factsList } from './facts-list.js';
import { duration, share } from './figures.js';
import { icon } from './icon.js';
import type { Row } from './keyed-list.js';
import { dayAndTime, timeOfDay } from './moments.js';
import { spokenParts, stageBar } from './stage-bar.js';
import type { StageColours } from './stage-colours.js';

let made = 0;

/** One slow request: a row, and a second one with everything that is known of it, folded until asked for. */
export function requestRow(
  { request }: { request: RequestView; slowest: number },
  colours: StageColours,
): Row<{ request: RequestView; slowest: number }> {
  const id = `request-${++made}`;
  const details = element('tr', { class: 'details', id, hidden: true });
  const button = element(
    'button',
    { type: 'button', class: 'unfold', 'aria-expanded': 'false', 'aria-controls': id },
    icon('unfold'),
    element('span', {}, duration(request.value)),
    element('span', { class: 'unseen' }, ': more about this request'),
  );
  button.addEventListener('click', () => {
    details.hidden = !details.hidden;
    setAttributes(button, { 'aria-expanded': String(!details.hidden) });
    if (!details.hasChildNodes()) details.append(element('td', { colspan: 4 }, ...detailsOf(request, colours)));
  });
  const bar = element('td', { class: 'wide' });
  const labels = Object.entries(request.labels).filter(([name]) => name !== 'error');
  const row = element(
    'tr',
    { class: 'request' },
    element('th', { scope: 'row' }, button),
    bar,
    element(
      'td',
      { class: 'minor' },
      request.error !== null && element('span', { class: 'tag bad' }, request.error),
      ...labels.map(([name, value]) => element('span', { class: 'tag' }, `${name} ${value}`)),
    ),
    element('td', { class: 'figure' }, element('time', {}, timeOfDay(request.at))),
  );
  return {
    element: element('tbody', {}, row, details),
    update: ({ slowest }) => bar.replaceChildren(requestBar(request, slowest, colours)),
  };
}

/** As long as the request took beside the slowest one. */
function requestBar({ stages, value, error }: RequestView, slowest: number, colours: StageColours): HTMLElement {
  const parts = stages.map(({ name, startMs, ms }) => ({
    name,
    from: startMs / slowest,
    length: ms / slowest,
    ms,
  }));
  const spoken = `${spokenParts(parts)}${error === null ? '' : `; failed with ${error}`}`;
  const bar = stageBar(parts, colours, spoken);
  const whole = element('span', { class: 'request-length' });
  whole.style.width = `${Math.min(100, (value / slowest) * 100)}%`;
  bar.prepend(whole);
  return bar;
}

function detailsOf(request: RequestView, colours: StageColours): Node[] {
  const stages = request.stages.map(({ name, startMs, ms, labels }) =>
    element(
      'li',
      {},
      element('i', { class: `stage-swatch ${colours.of(name)}` }),
      element('strong', {}, name),
      element('span', {}, `${duration(ms)} (${share(ms / (request.value || 1))}), after ${duration(startMs)}`),
      labels &&
        element(
          'span',
          { class: 'labels' },
          Object.entries(labels)
            .map((label) => label.join(' '))
            .join(', '),
        ),
    ),
  );
  return [
    element(
      'p',
      { class: 'note' },
      `Began ${dayAndTime(request.at)}${request.error === null ? '' : `, failed with ${request.error}`}`,
    ),
    stages.length > 0
      ? element('ol', { class: 'stage-list' }, ...stages)
      : element('p', { class: 'note' }, 'No stages were timed.'),
    factsList({ ...request.labels, ...request.metadata }),
  ];
}

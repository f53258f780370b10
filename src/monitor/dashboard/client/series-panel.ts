import type { DashboardSnapshot, SeriesView } from '../snapshot.js';
import { chartedSeries } from './charted-series.js';
import type { Choices } from './choices.js';
import { element, setAttributes, setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { amount } from './figures.js';
import { KeyedList, type Row } from './keyed-list.js';
import type { Panel } from './panel.js';
import { type FoundSeries, SeriesSearch } from './series-search.js';
import { Sparkline } from './sparkline.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { type Column, table, tableRow } from './table.js';
import { seriesFigure, thinNote } from './thin-figure.js';

const COLUMNS: readonly Column[] = [
  { title: 'Series' },
  { title: 'p95 over time', kind: 'minor' },
  { title: 'Count', kind: 'figure' },
  { title: 'Rate', kind: 'figure' },
  { title: 'p50', kind: 'figure' },
  { title: 'p95', kind: 'figure' },
];

/** A name in the list: one that the page has figures of, or one that the server's search has found. */
interface Listed extends FoundSeries {
  readonly view?: SeriesView;
}

/** The most-used series, and those that a search finds. Each is charted by its button, the first one by Enter. */
export function seriesPanel(
  body: HTMLElement,
  input: HTMLInputElement,
  choices: Choices,
  chart: (listed: FoundSeries, isShown: boolean) => void,
): Panel {
  const { element: made, body: rowsBody } = table('Series by traffic', COLUMNS);
  const row = (listed: Listed): Row<Listed> => seriesRow(listed, (one) => chart(one, one.view !== undefined));
  const rows = new KeyedList<Listed>(rowsBody, ({ name }) => name, row);
  const note = element('p', { class: 'note', role: 'status' });
  const thin = element('p', { class: 'note' });
  const scroll = element('div', { class: 'scroll tall', tabindex: 0, role: 'group', 'aria-label': 'Series' }, made);
  const empty = emptyState('Nothing has been recorded yet.', SUGGESTED_CALLS.record);
  body.append(scroll, thin, note, empty);
  let last: DashboardSnapshot | undefined;
  let listed: readonly Listed[] = [];
  const search = new SeriesSearch(input, () => draw());
  input.addEventListener('keydown', (event) => {
    const [first] = listed;
    if (event.key === 'Enter' && first) chart(first, first.view !== undefined);
  });
  const draw = (): void => {
    if (!last) return;
    listed = matching(last, search);
    rows.show(listed);
    const charted = chartedSeries(last, choices)?.name;
    for (const each of rowsBody.querySelectorAll('tr')) {
      setAttributes(each, { 'aria-current': each.dataset['name'] === charted ? 'true' : undefined });
    }
    showOrEmpty(scroll, empty, last.names === 0);
    setText(note, noteOf(last, listed.length, search));
    setText(thin, thinNote(listed.flatMap(({ view }) => view?.stats.all ?? [])));
    thin.hidden = thin.textContent === '';
  };
  return {
    show: (snapshot: DashboardSnapshot) => {
      last = snapshot;
      draw();
    },
  };
}

/** What the host records comes before what the monitor records of the process. */
function matching({ series }: DashboardSnapshot, search: SeriesSearch): readonly Listed[] {
  const known = [...series]
    .sort((a, b) => Number(a.role === 'process') - Number(b.role === 'process'))
    .filter(({ name }) => search.matches(name))
    .map((view) => ({ name: view.name, unit: view.unit, count: view.count, view }));
  const names = new Set(known.map(({ name }) => name));
  return [...known, ...search.found.filter(({ name }) => !names.has(name))];
}

function noteOf({ names, series }: DashboardSnapshot, shown: number, search: SeriesSearch): string {
  if (search.text === '')
    return names > series.length ? `${amount(series.length)} of ${amount(names)} names: search to see others` : '';
  if (search.trouble) return 'The server did not answer the search: only names on this page were looked through.';
  return shown === 0 ? `No name holds “${search.text}”.` : '';
}

function seriesRow({ name }: Listed, chart: (listed: Listed) => void): Row<Listed> {
  let shown: Listed | undefined;
  const button = element(
    'button',
    { type: 'button', class: 'link' },
    name,
    element('span', { class: 'unseen' }, ': chart it above'),
  );
  button.addEventListener('click', () => shown && chart(shown));
  const row = tableRow(COLUMNS, button);
  const spark = new Sparkline();
  row.cells[1]?.append(spark.element);
  row.element.dataset['name'] = name;
  return {
    element: row.element,
    update: (listed) => {
      const { view, unit, count } = listed;
      if (shown && view === shown.view && count === shown.count) return;
      shown = listed;
      const all = view?.stats.all;
      if (view) spark.show(view.points.map(({ p95 }) => p95));
      const cells = [
        amount(count),
        seriesFigure(all, 'ratePerMinute', 'perMinute'),
        seriesFigure(all, 'p50', unit),
        seriesFigure(all, 'p95', unit),
      ];
      cells.forEach((text, i) => {
        const cell = row.cells[i + 2];
        if (cell) setText(cell, text);
      });
    },
  };
}

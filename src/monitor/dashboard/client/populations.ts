import type { SeriesFigures, SeriesStats, SeriesView } from '../snapshot.js';
import { element, setText } from './element.js';
import { amount, type FigureUnit, figure } from './figures.js';
import { KeyedList } from './keyed-list.js';
import { type Column, table, tableRow } from './table.js';
import { seriesFigure, thinNote } from './thin-figure.js';

type Population = 'all' | 'hit' | 'miss' | 'error';

const NAMES: Readonly<Record<Population, string>> = {
  all: 'All',
  hit: 'Cache hits',
  miss: 'Cache misses',
  error: 'Errors',
};

const COLUMNS: readonly Column[] = [
  { title: 'Population' },
  { title: 'Count', kind: 'figure' },
  { title: 'Rate', kind: 'figure' },
  { title: 'Mean', kind: 'figure' },
  { title: 'p50', kind: 'figure' },
  { title: 'p90', kind: 'figure' },
  { title: 'p95', kind: 'figure' },
  { title: 'p99', kind: 'figure' },
  { title: 'Max', kind: 'figure' },
];

/** All values and, beside them, hits, misses and failures where there are any, so that one does not hide the other. */
export class Populations {
  readonly element: HTMLElement;
  readonly #rows: KeyedList<{ population: Population; figures: SeriesFigures; unit: FigureUnit }>;
  readonly #errors = element('p', { class: 'note' });
  readonly #thin = element('p', { class: 'note' });

  constructor() {
    const { element: made, body } = table('Figures of the time shown, by population', COLUMNS);
    this.#rows = new KeyedList(
      body,
      ({ population }) => population,
      ({ population }) => {
        const row = tableRow(COLUMNS, NAMES[population]);
        return { element: row.element, update: ({ figures, unit }) => row.show(cellsOf(figures, unit)) };
      },
    );
    this.element = element(
      'div',
      {},
      element('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Figures by population' }, made),
      this.#errors,
      this.#thin,
    );
  }

  show({ stats, unit }: Pick<SeriesView, 'stats' | 'unit'>): void {
    const rows = (Object.keys(NAMES) as Population[]).flatMap((population) => {
      const figures = stats[population];
      return figures ? [{ population, figures, unit }] : [];
    });
    this.#rows.show(rows);
    setText(this.#errors, errorsOf(stats));
    this.#errors.hidden = stats.error === null;
    setText(this.#thin, thinNote(rows.map(({ figures }) => figures)));
    this.#thin.hidden = this.#thin.textContent === '';
    this.element.hidden = rows.length === 0;
  }
}

function cellsOf(figures: SeriesFigures, unit: FigureUnit): string[] {
  return [
    amount(figures.count),
    seriesFigure(figures, 'ratePerMinute', 'perMinute'),
    figure(figures.mean, unit),
    seriesFigure(figures, 'p50', unit),
    seriesFigure(figures, 'p90', unit),
    seriesFigure(figures, 'p95', unit),
    seriesFigure(figures, 'p99', unit),
    figure(figures.max, unit),
  ];
}

function errorsOf({ errors }: SeriesStats): string {
  const kinds = Object.entries(errors).map(([name, count]) => `${name} ${amount(count)}`);
  return kinds.length === 0 ? '' : `Errors by type: ${kinds.join(' · ')}`;
}

import { type Child, element, setText } from './element.js';

/** A column: what stands in its cells, and whether they are figures. */
export interface Column {
  readonly title: string;
  readonly kind?: 'figure' | 'minor' | 'wide';
}

/** A table with its head. Rows go into `body`, or are bodies of their own. */
export function table(
  caption: string,
  columns: readonly Column[],
): { element: HTMLTableElement; body: HTMLTableSectionElement } {
  const head = columns.map(({ title, kind }) => element('th', { scope: 'col', class: kind }, title));
  const body = element('tbody');
  const made = element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, element('tr', {}, ...head)),
    body,
  );
  return { element: made, body };
}

/** A row whose first cell names it. */
export function tableRow(
  columns: readonly Column[],
  first: Child,
): { element: HTMLTableRowElement; cells: readonly HTMLElement[]; show(texts: readonly string[]): void } {
  const cells = columns.map(({ kind }, i) =>
    i === 0 ? element('th', { scope: 'row', class: kind }, first) : element('td', { class: kind }),
  );
  return {
    element: element('tr', {}, ...cells),
    cells,
    /** Texts of the cells after the first. */
    show: (texts) => {
      texts.forEach((text, i) => {
        const cell = cells[i + 1];
        if (cell) setText(cell, text);
      });
    },
  };
}

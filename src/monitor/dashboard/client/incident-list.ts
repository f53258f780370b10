import type { DashboardSnapshot, IncidentView } from '../snapshot.js';
import { element, setText } from './element.js';
import { figure, span } from './figures.js';
import { ago, dayAndTime } from './moments.js';
import { type Column, table, tableRow } from './table.js';
import { counted } from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'Alert' },
  { title: 'Condition', kind: 'wide' },
  { title: 'Began', kind: 'figure' },
  { title: 'Lasted', kind: 'figure' },
  { title: 'Worst', kind: 'figure' },
];

/** Incidents that are over, newest first, folded away: what was, and calls for nobody. */
export class IncidentList {
  readonly element: HTMLElement;
  readonly #title: HTMLElement = element('summary');
  readonly #body: HTMLElement;
  #shown: readonly IncidentView[] | undefined;

  constructor() {
    const { element: made, body } = table('Incidents that are over, newest first', COLUMNS);
    this.#body = body;
    const scroll = element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Past incidents' },
      made,
    );
    this.element = element('details', { class: 'incidents' }, this.#title, scroll);
  }

  show({ incidents, at }: DashboardSnapshot): void {
    const [last] = incidents;
    this.element.hidden = last === undefined;
    if (last === undefined) return;
    setText(
      this.#title,
      `${counted(incidents.length, 'past incident')}, the last one over ${ago(last.resolvedAt, at)}`,
    );
    if (incidents === this.#shown) return;
    this.#shown = incidents;
    this.#body.replaceChildren(...incidents.map(incidentRow));
  }
}

function incidentRow({ name, condition, startedAt, resolvedAt, worst, unit }: IncidentView): HTMLElement {
  const row = tableRow(COLUMNS, name);
  row.show([condition, dayAndTime(startedAt), lasted(resolvedAt - startedAt), figure(worst, unit)]);
  return row.element;
}

/** Alerts are looked at once a second or so: what began and ended at neighbouring looks took less than that. */
function lasted(ms: number): string {
  return ms < 1_000 ? 'under 1 s' : span(ms);
}

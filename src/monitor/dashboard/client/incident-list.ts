import type { DashboardSnapshot, IncidentView } from '../snapshot.js';
import { element, setText } from './element.js';
import { figure, span } from './figures.js';
import { ago, dayAndTime } from './moments.js';
import { counted } from './words.js';

/** Incidents that are over, newest first, folded away: what was, and calls for nobody. */
export class IncidentList {
  readonly element: HTMLElement;
  readonly #title: HTMLElement = element('summary');
  readonly #list: HTMLElement = element('ul', { class: 'alerts', 'aria-label': 'Past incidents' });
  #shown: readonly IncidentView[] | undefined;

  constructor() {
    this.element = element('details', { class: 'incidents' }, this.#title, this.#list);
  }

  show({ incidents, at }: DashboardSnapshot): void {
    const [last] = incidents;
    this.element.hidden = last === undefined;
    if (last === undefined) return;
    const over = ago(last.resolvedAt, at);
    setText(this.#title, `${counted(incidents.length, 'past incident')}, the last one over ${over}`);
    if (incidents === this.#shown) return;
    this.#shown = incidents;
    this.#list.replaceChildren(...incidents.map(incidentRow));
  }
}

function incidentRow({ name, severity, condition, startedAt, resolvedAt, worst, unit }: IncidentView): HTMLElement {
  const title = element(
    'p',
    { class: 'alert-title' },
    element('strong', {}, name),
    element('span', { class: 'severity' }, severity),
  );
  const what = `worst ${figure(worst, unit)} · ${lasted(resolvedAt - startedAt)} from ${dayAndTime(startedAt)}`;
  return element(
    'li',
    { class: 'incident' },
    title,
    element('p', { class: 'condition' }, condition),
    element('p', { class: 'alert-value' }, what),
  );
}

/** Alerts are looked at once a second or so: what ended at the next look took no time that could be told. */
function lasted(ms: number): string {
  return ms < 1_000 ? 'under 1 s' : span(ms);
}

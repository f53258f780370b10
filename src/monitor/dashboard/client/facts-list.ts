import { element } from './element.js';

/** Names and values of the host, as text. */
export function factsList(facts: Readonly<Record<string, unknown>>): HTMLElement {
  const entries = Object.entries(facts).map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value === null ? 'null' : String(value))),
  );
  return entries.length > 0
    ? element('dl', { class: 'facts' }, ...entries)
    : element('p', { class: 'note' }, 'No metadata.');
}

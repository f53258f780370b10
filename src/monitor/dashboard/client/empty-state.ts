import { element } from './element.js';

/** What a panel says while it has nothing to show, and how that changes: text in `code` is a call of the host's. */
export function emptyState(text: string, code?: string): HTMLElement {
  return element(
    'p',
    { class: 'empty' },
    text,
    code !== undefined && ' ',
    code !== undefined && element('code', {}, code),
  );
}

/** Shows the content, or the words for its absence. */
export function showOrEmpty(content: HTMLElement, empty: HTMLElement, isEmpty: boolean): void {
  content.hidden = isEmpty;
  empty.hidden = !isEmpty;
}

import { element, setText } from './element.js';
import type { SuggestedCall } from './suggested-calls.js';

/** What a panel says while it has nothing to show, and the call of the host that changes that. */
export function emptyState(text: string, call?: SuggestedCall): HTMLElement {
  return element(
    'p',
    { class: 'empty' },
    text,
    call !== undefined && ' ',
    call !== undefined && element('code', {}, call('request')),
  );
}

/** Names the monitor's own operation in the call. */
export function suggestFor(operation: string, empty: HTMLElement, call: SuggestedCall): void {
  const code = empty.querySelector('code');
  if (code) setText(code, call(operation));
}

/** Shows the content, or the words for its absence. */
export function showOrEmpty(content: HTMLElement, empty: HTMLElement, isEmpty: boolean): void {
  content.hidden = isEmpty;
  empty.hidden = !isEmpty;
}

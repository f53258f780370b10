import { element, setText } from './element.js';

const SECONDS = 10;
const KINDS = [
  { kind: 'cpu', text: 'CPU profile' },
  { kind: 'heap', text: 'Heap profile' },
] as const;

/** Buttons that take a profile, and what comes of it in words. */
export function profileStarter(): { buttons: HTMLElement; status: HTMLElement } {
  const status = element('p', { class: 'note', role: 'status', 'aria-live': 'polite' });
  const buttons = KINDS.map(({ kind, text }) => {
    const button = element('button', { type: 'button' }, `${text}, ${SECONDS} s`);
    button.addEventListener('click', () => take(kind, text));
    return button;
  });
  const take = async (kind: string, text: string): Promise<void> => {
    for (const button of buttons) button.disabled = true;
    setText(status, `${text} under way for ${SECONDS} s. The process runs a little slower meanwhile.`);
    setText(status, await answerTo({ kind, duration: `${SECONDS}s` }));
    for (const button of buttons) button.disabled = false;
  };
  return { buttons: element('div', { class: 'buttons' }, ...buttons), status };
}

async function answerTo(wish: { kind: string; duration: string }): Promise<string> {
  try {
    const response = await fetch('profile', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    if (response.ok) return 'Done: it is the first of the list.';
    return `No profile was taken: ${(await response.text()).trim().slice(0, 300)}`;
  } catch {
    return 'The process did not answer.';
  }
}

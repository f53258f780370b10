import type { DashboardSnapshot } from '../snapshot.js';
import { summaryOf } from './alerts-panel.js';
import type { Choices } from './choices.js';
import type { ConnectionState } from './connection.js';
import { byId, element, setAttributes, setText } from './element.js';
import { span } from './figures.js';
import { timeOfDay } from './moments.js';
import type { Panel } from './panel.js';

const STATES: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  gone: 'Not connected',
  refused: 'Access ended',
};

/** Name, connection, uptime, and the choice of the time that is shown. */
export class Header implements Panel {
  readonly #choices: Choices;
  readonly #windows: HTMLElement = byId('windows');
  #offered = '';
  #last: DashboardSnapshot | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  show(snapshot: DashboardSnapshot): void {
    this.#last = snapshot;
    const { operation, at, startedAt, alerts } = snapshot;
    setText(byId('operation'), operation);
    setText(byId('uptime'), `up ${span(at - startedAt)}`);
    const isFiring = alerts.some(({ state }) => state === 'firing');
    document.title = `${isFiring ? `▲ ${summaryOf(alerts)} · ` : ''}${operation} · hotpath`;
    this.#offerWindows(snapshot);
  }

  connection(state: ConnectionState): void {
    const target = byId('connection');
    setAttributes(target, { 'data-state': state });
    setText(target, STATES[state]);
    setAttributes(document.body, { 'data-connection': state });
    const notice = byId('notice');
    notice.hidden = state !== 'gone' && state !== 'refused';
    const since = this.#last ? ` What you see is from ${timeOfDay(this.#last.at)}.` : '';
    if (state === 'gone') setText(notice, `The process does not answer.${since} This page keeps trying.`);
    if (state === 'refused') {
      setText(
        notice,
        `This page may no longer read the figures.${since} Open it again with the link that holds its token.`,
      );
    }
  }

  /** Five minutes in fine slots and the longest window, or whatever these come to for this monitor. */
  #offerWindows({ windowMs, longestWindowMs }: DashboardSnapshot): void {
    const offered = [...new Set([longestWindowMs / 12, longestWindowMs])];
    if (this.#offered !== offered.join()) {
      this.#offered = offered.join();
      this.#windows.replaceChildren(
        ...offered.map((ms) => {
          const button = element('button', { type: 'button', value: ms }, span(ms));
          button.addEventListener('click', () => this.#choices.show(ms));
          return button;
        }),
      );
    }
    for (const button of this.#windows.querySelectorAll('button')) {
      setAttributes(button, { 'aria-pressed': String(Number(button.value) === windowMs) });
    }
  }
}

import type { AlertState, AlertStatus } from '../../alerts/alert-status.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { element, setAttributes, setText } from './element.js';
import { emptyState, showOrEmpty, suggestFor } from './empty-state.js';
import { figure } from './figures.js';
import { type IconName, icon } from './icon.js';
import { IncidentList } from './incident-list.js';
import { KeyedList, type Row } from './keyed-list.js';
import { ago } from './moments.js';
import type { Panel } from './panel.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { counted } from './words.js';

const ORDER: readonly AlertState[] = ['firing', 'pending', 'resolving', 'inactive'];
const SIGNS: Readonly<Record<AlertState, IconName>> = {
  firing: 'missed',
  pending: 'pending',
  resolving: 'resolving',
  inactive: 'met',
};
const STATES: Readonly<Record<AlertState, string>> = {
  firing: 'firing',
  pending: 'pending',
  resolving: 'resolving',
  inactive: 'quiet',
};

/** Rules, those that fire first; quiet ones and incidents that are over are folded away. A change of the summary is read aloud. */
export function alertsPanel(card: HTMLElement, summary: HTMLElement, body: HTMLElement): Panel {
  let now = 0;
  const listed = (name: string): [HTMLElement, KeyedList<AlertStatus>] => {
    const list = element('ul', { class: 'alerts', 'aria-label': name });
    return [
      list,
      new KeyedList(
        list,
        (alert) => alert.name,
        () => alertRow(() => now),
      ),
    ];
  };
  const [activeList, active] = listed('Alerts that are not quiet');
  const [quietList, quiet] = listed('Quiet rules');
  const quietTitle = element('summary');
  const quietPart = element('details', {}, quietTitle, quietList);
  const empty = emptyState('No rules are set.', SUGGESTED_CALLS.alert);
  const incidents = new IncidentList();
  const count = element('span');
  const names = element('span', { class: 'unseen' });
  summary.append(count, names);
  body.append(empty, activeList, quietPart, incidents.element);
  return {
    show: (snapshot: DashboardSnapshot) => {
      const { alerts, at, operation } = snapshot;
      now = at;
      const sorted = [...alerts].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.since - a.since);
      const awake = sorted.filter(({ state }) => state !== 'inactive');
      active.show(awake);
      quiet.show(sorted.slice(awake.length));
      suggestFor(operation, empty, SUGGESTED_CALLS.alert);
      showOrEmpty(activeList, empty, alerts.length === 0);
      activeList.hidden = awake.length === 0;
      quietPart.hidden = sorted.length === awake.length;
      setText(quietTitle, counted(sorted.length - awake.length, 'quiet rule'));
      incidents.show(snapshot);
      setText(count, summaryOf(alerts));
      const firing = alerts.filter(({ state }) => state === 'firing').map(({ name }) => name);
      setText(names, firing.length > 0 ? `: ${firing.join(', ')}` : '');
      setAttributes(card, { 'data-state': awake[0]?.state ?? 'inactive' });
    },
  };
}

/** What the alerts come to in a few words. */
export function summaryOf(alerts: readonly AlertStatus[]): string {
  if (alerts.length === 0) return '';
  const counts = ORDER.slice(0, 3).map(
    (state) => [state, alerts.filter((alert) => alert.state === state).length] as const,
  );
  const some = counts.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`);
  return some.length > 0 ? some.join(', ') : 'all quiet';
}

function alertRow(now: () => number): Row<AlertStatus> {
  const sign = element('span', { class: 'sign' });
  const state = element('span', { class: 'state' });
  const name = element('strong');
  const severity = element('span', { class: 'severity' });
  const condition = element('p', { class: 'condition' });
  const value = element('p', { class: 'alert-value' });
  const row = element(
    'li',
    { class: 'alert' },
    element('p', { class: 'alert-title' }, sign, state, name, severity),
    condition,
    value,
  );
  let shown: AlertState | undefined;
  return {
    element: row,
    update: (alert) => {
      if (shown !== alert.state) sign.replaceChildren(icon(SIGNS[alert.state]));
      shown = alert.state;
      setAttributes(row, { 'data-state': alert.state, 'data-severity': alert.severity });
      setText(state, STATES[alert.state]);
      setText(name, alert.name);
      setText(severity, alert.severity);
      setText(condition, alert.condition);
      setText(value, `${figuresOf(alert)}${alert.state === 'inactive' ? '' : ` · since ${ago(alert.since, now())}`}`);
    },
  };
}

function figuresOf({ value, threshold, unit }: AlertStatus): string {
  const actual = `now ${figure(value, unit ?? 'count')}`;
  return threshold === null ? actual : `${actual}, threshold ${figure(threshold, unit ?? 'count')}`;
}

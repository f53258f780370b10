import type { DashboardSnapshot, RequestView } from '../snapshot.js';
import { setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { span } from './figures.js';
import { KeyedList } from './keyed-list.js';
import type { Panel } from './panel.js';
import { requestRow } from './request-row.js';
import type { StageColours } from './stage-colours.js';
import { type Column, table } from './table.js';

/** Columns of the list of slow requests, as `requestRow` fills them. */
export const REQUEST_COLUMNS: readonly Column[] = [
  { title: 'Took' },
  { title: 'Stages', kind: 'wide' },
  { title: 'Labels', kind: 'minor' },
  { title: 'Began', kind: 'figure' },
];

/** The slowest requests of the longest window. Their bars have one scale, so that they compare; each unfolds to all that is known of it. */
export function slowestPanel(aside: HTMLElement, body: HTMLElement, colours: StageColours): Panel {
  const { element: made, body: unused } = table('The slowest requests, slowest first', REQUEST_COLUMNS);
  unused.remove();
  const rows = new KeyedList<{ request: RequestView; slowest: number }>(
    // One body for each request: a row, and below it the unfolded one.
    made,
    ({ request }) => keyOf(request),
    (item) => requestRow(item, colours),
  );
  const empty = emptyState('No request has ended yet.');
  body.append(made, empty);
  let shown: readonly RequestView[] | undefined;
  return {
    show: ({ slowest, operation, longestWindowMs }: DashboardSnapshot) => {
      setText(aside, `${operation}, last ${span(longestWindowMs)}`);
      if (slowest === shown) return;
      shown = slowest;
      showOrEmpty(made, empty, slowest.length === 0);
      const longest = slowest[0]?.value ?? 1;
      rows.show(slowest.map((request) => ({ request, slowest: longest })));
    },
  };
}

function keyOf({ at, value, stages }: RequestView): string {
  return `${at} ${value} ${stages.length}`;
}

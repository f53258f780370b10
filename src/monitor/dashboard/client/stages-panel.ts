import type { DashboardSnapshot, StageView } from '../snapshot.js';
import { element, setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { duration, share, span } from './figures.js';
import { KeyedList } from './keyed-list.js';
import type { Panel } from './panel.js';
import { spokenParts, stageBar } from './stage-bar.js';
import type { StageColours } from './stage-colours.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { type Column, table, tableRow } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'Stage' },
  { title: 'Share', kind: 'figure' },
  { title: 'p50', kind: 'figure' },
  { title: 'p95', kind: 'figure' },
];

/** What the stages of the operation take of its staged time, as one bar and as a table. */
export function stagesPanel(aside: HTMLElement, body: HTMLElement, colours: StageColours): Panel {
  const bar = element('div', { class: 'whole-bar' });
  const { element: made, body: rowsBody } = table('Stages of the operation', COLUMNS);
  const rows = new KeyedList<{ stage: StageView; part: number }>(
    rowsBody,
    ({ stage }) => stage.name,
    ({ stage }) => {
      const name = element('span', {}, element('i', { class: `stage-swatch ${colours.of(stage.name)}` }), stage.name);
      const row = tableRow(COLUMNS, name);
      return {
        element: row.element,
        update: ({ stage: { p50, p95 }, part }) => row.show([share(part), duration(p50), duration(p95)]),
      };
    },
  );
  const content = element('div', {}, bar, made);
  const empty = emptyState('No stages in this time.', SUGGESTED_CALLS.stage);
  body.append(content, empty);
  let shown: readonly StageView[] | undefined;
  return {
    show: ({ stages, windowMs }: DashboardSnapshot) => {
      setText(aside, `last ${span(windowMs)}`);
      if (stages === shown) return;
      shown = stages;
      showOrEmpty(content, empty, stages.length === 0);
      const whole = stages.reduce((sum, { count, mean }) => sum + count * mean, 0) || 1;
      let from = 0;
      const parts = stages.map(({ name, count, mean }) => {
        const length = (count * mean) / whole;
        from += length;
        return { name, from: from - length, length, ms: mean };
      });
      bar.replaceChildren(stageBar(parts, colours, `Mean time of stages: ${spokenParts(parts)}`));
      rows.show(stages.map((stage, i) => ({ stage, part: parts[i]?.length ?? 0 })));
    },
  };
}

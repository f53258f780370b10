import type { DashboardSnapshot, SeriesView } from '../snapshot.js';
import type { ChartBound } from './chart-marks.js';
import { chartedSeries } from './charted-series.js';
import type { Choices } from './choices.js';
import { element, setText } from './element.js';
import { emptyState, showOrEmpty, suggestFor } from './empty-state.js';
import { figure, span } from './figures.js';
import { MarksList } from './marks-list.js';
import type { Panel } from './panel.js';
import { Populations } from './populations.js';
import { SUGGESTED_CALLS } from './suggested-calls.js';
import { TimeChart } from './time-chart.js';

/** Percentiles over time of the metric that is chosen, with marks, and the figures of its populations. */
export function latencyPanel(
  { title, select, body }: { title: HTMLElement; select: HTMLSelectElement; body: HTMLElement },
  choices: Choices,
): Panel {
  const chart = new TimeChart({
    name: 'Percentiles',
    height: 260,
    lines: [
      { label: 'p50', colour: 'blue', shape: 'line' },
      { label: 'p95', colour: 'orange', shape: 'line' },
      { label: 'p99', colour: 'pink', shape: 'dashed' },
    ],
  });
  const populations = new Populations();
  const marks = new MarksList();
  const content = element('div', {}, chart.element, marks.element, populations.element);
  const empty = emptyState('Nothing has been timed yet.', SUGGESTED_CALLS.time);
  body.append(content, empty);
  select.addEventListener('change', () => choices.chart(select.value));
  return {
    show: (snapshot: DashboardSnapshot) => {
      const series = chartedSeries(snapshot, choices);
      offer(select, snapshot, series?.name);
      suggestFor(snapshot.operation, empty, SUGGESTED_CALLS.time);
      showOrEmpty(content, empty, series === undefined);
      if (!series) return;
      setText(title, series.unit === 'ms' ? 'Latency' : 'Values');
      populations.show(series);
      marks.show(snapshot);
      chart.show({
        from: snapshot.at - snapshot.windowMs,
        to: snapshot.at,
        at: series.points.map(({ at }) => at),
        values: [
          series.points.map(({ p50 }) => p50),
          series.points.map(({ p95 }) => p95),
          series.points.map(({ p99 }) => p99),
        ],
        unit: series.unit,
        whole: { moment: `last ${span(snapshot.windowMs)}`, figures: wholeFigures(series) },
        marks: snapshot.marks,
        ...boundOf(snapshot, series),
      });
    },
  };
}

function wholeFigures({ stats: { all }, unit }: SeriesView): string[] {
  return [figure(all?.p50, unit), figure(all?.p95, unit), figure(all?.p99, unit)];
}

function boundOf({ targets, operation }: DashboardSnapshot, series: SeriesView): { bound?: ChartBound } {
  const target = targets['responseTimeP95'];
  if (series.name !== operation || target?.unit !== series.unit || target.target === null) return {};
  return { bound: { value: target.target, name: `p95 target ${figure(target.target, series.unit)}` } };
}

/** The names on the page as choices. They are left alone while they stay the same: an open list must not jump. */
function offer(select: HTMLSelectElement, { shown }: DashboardSnapshot, current: string | undefined): void {
  const old = [...select.options].map(({ value }) => value);
  if (old.join('\n') !== shown.join('\n')) {
    select.replaceChildren(...shown.map((name) => element('option', { value: name }, name)));
  }
  if (current !== undefined && select.value !== current) select.value = current;
  select.disabled = shown.length === 0;
}

import type { ResourceReading } from '../../resource-reading.js';
import type { DashboardSnapshot, SeriesView } from '../snapshot.js';
import { element, setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { figure, NO_FIGURE, share, span } from './figures.js';
import type { Panel } from './panel.js';
import { TimeChart } from './time-chart.js';
import { counted } from './words.js';

/** How busy event loop and processor are, as shares of what the process may use. */
export function processPanel(aside: HTMLElement, body: HTMLElement): Panel {
  const chart = new TimeChart({
    name: 'Event loop and CPU',
    height: 150,
    top: 1,
    lines: [
      { label: 'event loop', colour: 'blue', shape: 'area' },
      { label: 'CPU', colour: 'orange', shape: 'dashed' },
    ],
  });
  const delay = element('p', { class: 'note' });
  const content = element('div', {}, chart.element, delay);
  const empty = emptyState('The process has not been sampled yet.');
  body.append(content, empty);
  return {
    show: (snapshot: DashboardSnapshot) => {
      const { resources, at, windowMs, marks } = snapshot;
      const loop = named(snapshot, 'event_loop_utilization');
      const cpu = named(snapshot, 'process_cpu');
      const lead = loop ?? cpu;
      showOrEmpty(content, empty, lead === undefined);
      setText(aside, resources ? coresOf(resources) : '');
      if (!lead) return;
      chart.show({
        from: at - windowMs,
        to: at,
        at: lead.points.map((point) => point.at),
        values: [middles(loop, lead), middles(cpu, lead)],
        unit: 'ratio',
        whole: {
          moment: 'now',
          figures: resources ? [share(resources.eventLoopShare), share(resources.processCpuShare)] : [],
        },
        marks,
      });
      setText(delay, delayOf(snapshot));
    },
  };
}

function coresOf({ cores, coresSource }: ResourceReading): string {
  const count = counted(cores, 'core');
  return coresSource === 'machine' ? `of ${count}` : `of ${count}, container quota`;
}

/** The medians of a process series at the points of another one. */
export function middles(series: SeriesView | undefined, at: SeriesView): (number | null)[] {
  const known = new Map(series?.points.map((point) => [point.at, point.p50]));
  return at.points.map((point) => known.get(point.at) ?? null);
}

/** One of the series that the monitor records of its process. */
export function named({ series }: DashboardSnapshot, name: string): SeriesView | undefined {
  return series.find((each) => each.name === name);
}

function delayOf(snapshot: DashboardSnapshot): string {
  const stats = named(snapshot, 'event_loop_delay')?.stats.all;
  const text = stats ? `p95 ${figure(stats.p95, 'ms')}, most ${figure(stats.max, 'ms')}` : NO_FIGURE;
  return `Loop delay, last ${span(snapshot.windowMs)}: ${text}`;
}

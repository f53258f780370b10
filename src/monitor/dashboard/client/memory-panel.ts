import type { ResourceReading } from '../../resource-reading.js';
import type { DashboardSnapshot } from '../snapshot.js';
import { element, setAttributes, setText } from './element.js';
import { emptyState, showOrEmpty } from './empty-state.js';
import { bytes, share } from './figures.js';
import { type IconName, icon } from './icon.js';
import type { Panel } from './panel.js';
import { middles, named } from './process-panel.js';
import { shareMeter } from './share-meter.js';
import { TimeChart } from './time-chart.js';

const LIMITS: Readonly<Record<ResourceReading['limitSource'], string>> = {
  option: 'limit set by option',
  'cgroup-v2': 'container limit',
  'cgroup-v1': 'container limit',
  constrained: 'limit of the process',
  total: 'memory of the machine',
};

const LEVELS: Readonly<Record<ResourceReading['level'], IconName>> = {
  normal: 'met',
  elevated: 'pending',
  high: 'missed',
  critical: 'missed',
};

/** Memory beside its limits, and the level that this comes to. */
export function memoryPanel(aside: HTMLElement, body: HTMLElement): Panel {
  const chart = new TimeChart({
    name: 'Memory',
    height: 108,
    top: 1,
    lines: [{ label: 'share of the nearest limit', colour: 'green', shape: 'area' }],
  });
  const heap = shareMeter('heap');
  const rss = shareMeter('resident (rss)');
  const note = element('p', { class: 'note' });
  const content = element('div', {}, chart.element, heap.element, rss.element, note);
  const empty = emptyState('The process has not been sampled yet.');
  body.append(content, empty);
  return {
    show: (snapshot: DashboardSnapshot) => {
      const { resources, at, windowMs, marks } = snapshot;
      const series = named(snapshot, 'process_memory');
      showOrEmpty(content, empty, !resources);
      if (!resources) return;
      showLevel(aside, resources.level);
      const { heapUsedBytes, heapLimitBytes, rssBytes, limitBytes, externalBytes } = resources;
      heap.show(`${bytes(heapUsedBytes)} of ${bytes(heapLimitBytes)}`, heapUsedBytes / heapLimitBytes);
      rss.show(`${bytes(rssBytes)} of ${bytes(limitBytes)}`, rssBytes / limitBytes);
      setText(note, `${bytes(externalBytes)} external · ${LIMITS[resources.limitSource]}`);
      chart.element.hidden = series === undefined;
      if (!series) return;
      chart.show({
        from: at - windowMs,
        to: at,
        at: series.points.map((point) => point.at),
        values: [middles(series, series)],
        unit: 'ratio',
        whole: { moment: 'now', figures: [share(resources.memoryShare)] },
        marks,
      });
    },
  };
}

function showLevel(target: HTMLElement, level: ResourceReading['level']): void {
  if (target.dataset['level'] === level) return;
  setAttributes(target, { class: 'aside level', 'data-level': level });
  target.replaceChildren(icon(LEVELS[level]), `level ${level}`);
}

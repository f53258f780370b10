import type uPlot from 'uplot';
import { type FigureUnit, figure } from './figures.js';
import { axisTime } from './moments.js';
import { colour } from './palette.js';
import type { ChartData, ChartSetup } from './time-chart.js';

/** Seconds that labels of time may lie apart. */
const TIME_STEPS = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];
const FONT = '11px system-ui, sans-serif';

/** Time runs over the window, so that a chart slides while nothing happens; values start at zero, so that heights compare. */
export function scales(setup: ChartSetup, data: () => ChartData | undefined): uPlot.Scales {
  const reach = (_: uPlot, __: number | null, max: number | null): uPlot.Range.MinMax => [0, roomAbove(max)];
  return {
    x: {
      range: () => {
        const { from, to } = data() ?? { from: 0, to: 1000 };
        return [from / 1000, to / 1000];
      },
    },
    y: {
      range: (chart, min, max) => {
        if (setup.top !== undefined) return [0, setup.top];
        const bound = data()?.bound?.value;
        // A bound far above the values would press them flat.
        const isNear = bound !== undefined && max !== null && bound < max * 1.6;
        return reach(chart, min, isNear ? Math.max(max, bound) : max);
      },
    },
    right: { range: reach },
  };
}

/** Time below, values to the left, and to the right where a line has a unit of its own. */
export function axes(setup: ChartSetup, unit: () => FigureUnit): uPlot.Axis[] {
  const rightUnit = setup.lines.find((line) => line.rightUnit)?.rightUnit;
  const shared = { font: FONT, stroke: () => colour('muted'), border: { show: false } };
  const value = (of: () => FigureUnit): uPlot.Axis => ({
    ...shared,
    size: widthOfLabels,
    gap: 6,
    ticks: { show: false },
    grid: { stroke: () => colour('hairline'), width: 1 },
    space: 36,
    values: (_, splits) => splits.map((split) => figure(split, of())),
  });
  return [
    {
      ...shared,
      size: 24,
      gap: 5,
      ticks: { stroke: () => colour('hairline'), width: 1, size: 4 },
      grid: { show: false },
      space: 62,
      incrs: TIME_STEPS,
      values: (_, splits, __, ___, increment) =>
        splits.map((split) => axisTime(split * 1000, increment < 60 ? 'second' : 'minute')),
    },
    { ...value(unit), scale: 'y' },
    ...(rightUnit ? [{ ...value(() => rightUnit), scale: 'right', side: 1, grid: { show: false } }] : []),
  ];
}

/** Wide enough for the longest label. uPlot asks again while widths settle: the third answer must be the second one. */
function widthOfLabels(chart: uPlot, labels: string[] | null, index: number, cycle: number): number {
  const axis = chart.axes[index] as (uPlot.Axis & { _size?: number }) | undefined;
  if (cycle > 1 && axis?._size !== undefined) return axis._size;
  const longest = (labels ?? []).reduce((most, label) => Math.max(most, String(label).length), 3);
  return Math.ceil(longest * 6.3) + 10;
}

function roomAbove(max: number | null): number {
  return max === null || max <= 0 ? 1 : max * 1.12;
}

import uPlot from 'uplot';
import type { FigureUnit } from './figures.js';
import { type Colour, colour } from './palette.js';

/** What is drawn of one list of values. Lines differ by stroke as well as by colour. */
export interface ChartLine {
  readonly label: string;
  readonly colour: Colour;
  readonly shape: 'line' | 'dashed' | 'dotted' | 'area' | 'bars';
  /** Whether it goes on over points without a value. */
  readonly spans?: boolean;
  /** Where it is measured in another unit than the chart's left axis: then the right axis is its own. */
  readonly rightUnit?: FigureUnit;
}

/** Dash patterns, shared by the canvas and the legend. */
export const DASHES: Readonly<Partial<Record<ChartLine['shape'], number[]>>> = { dashed: [6, 4], dotted: [2, 3] };

/** The line as uPlot takes it. */
export function seriesOf(line: ChartLine): uPlot.Series {
  const isBars = line.shape === 'bars';
  const bars = uPlot.paths.bars;
  return {
    label: line.label,
    scale: line.rightUnit ? 'right' : 'y',
    stroke: () => colour(line.colour, isBars ? 0.9 : 1),
    spanGaps: line.spans ?? false,
    width: isBars ? 0 : line.shape === 'line' ? 2 : 1.5,
    ...(line.shape === 'area' && { fill: () => colour(line.colour, 0.14) }),
    ...(isBars && bars && { fill: () => colour(line.colour, 0.55), paths: bars({ size: [0.8, 24], align: 1 }) }),
    ...(DASHES[line.shape] && { dash: DASHES[line.shape] }),
    points: isBars || line.spans ? { show: false } : { show: true, size: 5, filter: isolatedPoints },
  };
}

/** Points without a neighbour: a line would not show them. */
function isolatedPoints(chart: uPlot, index: number): number[] {
  const values = chart.data[index] ?? [];
  const alone: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) alone.push(i);
  }
  return alone;
}

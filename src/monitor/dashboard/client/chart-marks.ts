import uPlot from 'uplot';
import { type Colour, colour } from './palette.js';

/** A moment drawn across a chart, named at its top. */
export interface ChartMark {
  readonly at: number;
  readonly name: string;
}

/** A value drawn along a chart: a target. */
export interface ChartBound {
  readonly value: number;
  readonly name: string;
}

/** What lies over the lines, as it is when the chart is drawn. */
export interface ChartOverlay {
  readonly marks: readonly ChartMark[];
  readonly bound?: ChartBound;
}

const LONGEST_NAME = 24;

/** Draws marks as vertical and the bound as horizontal lines, each with its name. */
export function overlay(read: () => ChartOverlay): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart: uPlot) => {
        const { marks, bound } = read();
        const { ctx } = chart;
        ctx.save();
        ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
        ctx.lineWidth = uPlot.pxRatio;
        if (bound) drawBound(chart, bound);
        drawMarks(chart, marks);
        ctx.restore();
      },
    },
  };
}

function drawBound(chart: uPlot, bound: ChartBound): void {
  const { left, top, width, height } = chart.bbox;
  const y = Math.round(chart.valToPos(bound.value, 'y', true));
  if (!Number.isFinite(y) || y < top || y > top + height) return;
  line(chart, 'muted', [left, y, left + width, y]);
  const below = y - top < 16 * uPlot.pxRatio;
  const gap = 4 * uPlot.pxRatio;
  const size = chart.ctx.measureText(bound.name).width;
  drawName(chart, bound.name, [left + gap, below ? y + gap : y - 15 * uPlot.pxRatio], size, 'muted');
}

/** A name is left out where it would run into another mark; all of them are listed as text below the chart. */
function drawMarks(chart: uPlot, marks: readonly ChartMark[]): void {
  const { left, top, width, height } = chart.bbox;
  const right = left + width;
  const shown = [...marks]
    .map(({ at, name }) => ({ name: shortened(name), x: Math.round(chart.valToPos(at / 1000, 'x', true)) }))
    .filter(({ x }) => x >= left && x <= right)
    .sort((a, b) => a.x - b.x);
  for (const { x } of shown) line(chart, 'ink', [x, top, x, top + height]);
  let freeFrom = left;
  shown.forEach(({ name, x }, i) => {
    const gap = 4 * uPlot.pxRatio;
    const size = chart.ctx.measureText(name).width;
    const next = shown[i + 1]?.x ?? right;
    const start = x + gap + size <= next ? x + gap : x - gap - size >= freeFrom ? x - gap - size : undefined;
    freeFrom = Math.max(x, (start ?? x) + size) + gap;
    if (start !== undefined) drawName(chart, name, [start, top], size, 'ink');
  });
}

/** On a ground of its own, so that lines below it do not make it unreadable. */
function drawName({ ctx }: uPlot, name: string, [x, y]: [number, number], size: number, ink: Colour): void {
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.fillStyle = colour('surface', 0.8);
  ctx.fillRect(x - 1, y, size + 2, 14 * uPlot.pxRatio);
  ctx.fillStyle = colour(ink);
  ctx.fillText(name, x, y + uPlot.pxRatio);
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

function line(chart: uPlot, name: Colour, [fromX, fromY, toX, toY]: [number, number, number, number]): void {
  const { ctx } = chart;
  ctx.strokeStyle = colour(name, 0.7);
  ctx.setLineDash([4 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

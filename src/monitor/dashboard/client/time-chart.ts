import uPlot from 'uplot';
import { axes, scales } from './chart-axes.js';
import { ChartLegend } from './chart-legend.js';
import { type ChartLine, seriesOf } from './chart-line.js';
import { type ChartOverlay, overlay } from './chart-marks.js';
import { walkWithArrows } from './chart-walk.js';
import { element, setAttributes } from './element.js';
import { type FigureUnit, figure } from './figures.js';
import { timeOfDay } from './moments.js';

/** What a chart shows at the moment. Times are milliseconds since the epoch. */
export interface ChartData extends ChartOverlay {
  readonly from: number;
  readonly to: number;
  readonly at: readonly number[];
  /** One list for each line, as long as `at`. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly unit: FigureUnit;
  /** What the legend says of the whole: `5 min`, and a figure for each line. */
  readonly whole: { readonly moment: string; readonly figures: readonly string[] };
}

/** How a chart is set up. */
export interface ChartSetup {
  readonly name: string;
  readonly lines: readonly ChartLine[];
  readonly height: number;
  /** The top of the left axis, where it is known beforehand: 1 for shares. */
  readonly top?: number;
}

/** A chart over time with its legend: drawn by uPlot, walked with the arrow keys, its figures there as text. */
export class TimeChart {
  readonly element: HTMLElement;
  readonly #setup: ChartSetup;
  readonly #canvas: HTMLElement;
  readonly #legend: ChartLegend;
  readonly #plot: uPlot;
  readonly #tellNews: () => void;
  #data: ChartData | undefined;

  constructor(setup: ChartSetup) {
    this.#setup = setup;
    this.#legend = new ChartLegend(setup.lines);
    this.#canvas = element('div', { class: 'canvas' });
    this.element = element('div', { class: 'chart' }, this.#legend.element, this.#canvas);
    const unitOf = (): FigureUnit => this.#data?.unit ?? 'count';
    this.#plot = new uPlot(
      {
        width: 300,
        height: setup.height,
        padding: [8, setup.lines.some((line) => line.rightUnit) ? 0 : 26, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'time' }, points: { size: 7 } },
        scales: scales(setup, () => this.#data),
        axes: axes(setup, unitOf),
        series: [{}, ...setup.lines.map(seriesOf)],
        plugins: [overlay(() => this.#data ?? { marks: [] })],
        hooks: { setCursor: [() => this.#readOut()] },
      },
      [[], ...setup.lines.map(() => [])],
      this.#canvas,
    );
    this.#tellNews = walkWithArrows(this.#plot, this.#canvas, {
      name: setup.name,
      describe: (index) => this.#describe(index),
    });
    document.addEventListener('colours', () => this.#plot.redraw(false, true));
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
  }

  show(data: ChartData): void {
    this.#data = data;
    this.#plot.setData([data.at.map((at) => at / 1000), ...data.values.map((values) => [...values])]);
    this.#readOut();
    this.#tellNews();
  }

  #fit(): void {
    const width = Math.floor(this.#canvas.clientWidth);
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#setup.height });
  }

  #readOut(): void {
    const data = this.#data;
    if (!data) return;
    const index = this.#plot?.cursor.idx;
    const pointed = index !== null && index !== undefined && (this.#plot.cursor.left ?? -1) >= 0;
    if (pointed) this.#legend.show(timeOfDay(data.at[index] ?? data.to), this.#figuresAt(data, index));
    else this.#legend.show(data.whole.moment, data.whole.figures);
    setAttributes(this.#canvas, { 'data-points': data.at.length });
  }

  #figuresAt(data: ChartData, index: number): string[] {
    return this.#setup.lines.map((line, i) => figure(data.values[i]?.[index], line.rightUnit ?? data.unit));
  }

  /** The figures of a moment, or of the whole, as a sentence for those who do not see the drawing. */
  #describe(index: number | null): string {
    const data = this.#data;
    if (!data) return 'no data yet';
    const figures = index === null ? data.whole.figures : this.#figuresAt(data, index);
    const moment = index === null ? data.whole.moment : timeOfDay(data.at[index] ?? data.to);
    return `${moment}: ${this.#setup.lines.map((line, i) => `${line.label} ${figures[i] ?? 'none'}`).join(', ')}`;
  }
}

import { type ChartLine, DASHES } from './chart-line.js';
import { element, setText } from './element.js';
import { NO_FIGURE } from './figures.js';

const SVG = 'http://www.w3.org/2000/svg';

/** The lines of a chart with their figures: those of the moment pointed at, else what the chart comes to. Plain text beside the canvas. */
export class ChartLegend {
  readonly element: HTMLElement;
  readonly #moment: HTMLElement = element('span', { class: 'legend-moment' });
  readonly #figures: readonly HTMLElement[];

  constructor(lines: readonly ChartLine[]) {
    this.#figures = lines.map(() => element('dd', {}, NO_FIGURE));
    const entries = lines.map((line, i) =>
      element('div', {}, element('dt', {}, swatch(line), line.label), this.#figures[i]),
    );
    this.element = element('div', { class: 'legend' }, element('dl', {}, ...entries), this.#moment);
  }

  show(moment: string, figures: readonly string[]): void {
    setText(this.#moment, moment);
    this.#figures.forEach((target, i) => {
      setText(target, figures[i] ?? NO_FIGURE);
    });
  }
}

/** A sample of the line, so that it is told by its stroke too. */
function swatch(line: ChartLine): Node {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { class: `swatch ${line.colour}`, width: '18', height: '10', 'aria-hidden': 'true' };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const isBox = line.shape === 'bars' || line.shape === 'area';
  const shape = document.createElementNS(SVG, isBox ? 'rect' : 'line');
  const geometry = isBox
    ? { x: '3', y: '0', width: '12', height: '10', rx: '2' }
    : { x1: '0', x2: '18', y1: '5', y2: '5', 'stroke-dasharray': DASHES[line.shape]?.join(' ') ?? 'none' };
  for (const [name, value] of Object.entries(geometry)) shape.setAttribute(name, value);
  svg.append(shape);
  return svg;
}

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 88;
const HEIGHT = 20;

/** A small line of values over time, `null` where there are none. Decoration beside the figures. */
export class Sparkline {
  readonly element: SVGSVGElement = document.createElementNS(SVG, 'svg');
  readonly #path = document.createElementNS(SVG, 'path');

  constructor() {
    const attributes = {
      class: 'spark',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      'aria-hidden': 'true',
    };
    for (const [name, value] of Object.entries(attributes)) this.element.setAttribute(name, String(value));
    this.element.append(this.#path);
  }

  show(values: readonly (number | null)[]): void {
    const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0) || 1;
    const step = WIDTH / Math.max(1, values.length - 1);
    let isDown = false;
    const commands = values.map((value, i) => {
      if (value === null) {
        isDown = false;
        return '';
      }
      const point = `${(i * step).toFixed(1)} ${(HEIGHT - 1.5 - (value / most) * (HEIGHT - 3)).toFixed(1)}`;
      // A point without a neighbour becomes a dot by the round ends of the line.
      const command = isDown ? `L${point}` : `M${point}h0`;
      isDown = true;
      return command;
    });
    this.#path.setAttribute('d', commands.join(''));
  }
}

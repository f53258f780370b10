import type uPlot from 'uplot';
import { setAttributes } from './element.js';

/** How a chart is spoken of. */
export interface WalkedChart {
  readonly name: string;
  /** The figures of a point, or of the whole. */
  describe(index: number | null): string;
}

/**
 * Lets the arrow keys move through the points of a chart; what is reached is spoken as the value of a slider.
 *
 * @returns to be called when the chart has new data. While somebody reads it, nothing is said of that
 */
export function walkWithArrows(chart: uPlot, target: HTMLElement, { name, describe }: WalkedChart): () => void {
  let index: number | null = null;
  const tell = (): void => {
    const last = Math.max(0, chart.data[0].length - 1);
    setAttributes(target, {
      'aria-valuemax': last,
      'aria-valuenow': index ?? last,
      'aria-valuetext': describe(index),
    });
  };
  const go = (to: number | null): void => {
    const last = chart.data[0].length - 1;
    index = to === null || last < 0 ? null : Math.min(last, Math.max(0, to));
    const at = index === null ? undefined : chart.data[0][index];
    chart.setCursor(at === undefined ? { left: -10, top: -10 } : { left: chart.valToPos(at, 'x'), top: 0 });
    tell();
  };
  setAttributes(target, {
    role: 'slider',
    tabindex: 0,
    'aria-label': `${name}, chart over time. Arrow keys read its points.`,
    'aria-readonly': 'true',
    'aria-valuemin': 0,
  });
  tell();
  target.addEventListener('focus', tell);
  target.addEventListener('blur', () => go(null));
  target.addEventListener('keydown', (event) => {
    const last = chart.data[0].length - 1;
    const moves: Record<string, () => number | null> = {
      ArrowLeft: () => (index ?? last + 1) - 1,
      ArrowRight: () => (index ?? last) + 1,
      Home: () => 0,
      End: () => last,
      Escape: () => null,
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    go(move());
  });
  return () => {
    if (document.activeElement !== target) tell();
  };
}

import type { DashboardSnapshot } from '../snapshot.js';
import { setText } from './element.js';
import { amount } from './figures.js';
import type { Panel } from './panel.js';

/** How much of its room for series the monitor uses, and what it could not record as it came. */
export function troublesPanel(target: HTMLElement): Panel {
  return {
    show: ({ troubles }: DashboardSnapshot) => {
      const { series, maxSeries, rejected, clamped, overflowed } = troubles;
      const parts = [
        `${amount(series)} of at most ${amount(maxSeries)} series`,
        rejected > 0 && `${amount(rejected)} values rejected: not a number, negative or infinite`,
        clamped > 0 && `${amount(clamped)} values above the highest that is told apart`,
        overflowed > 0 && `${amount(overflowed)} values in overflow series: too many different labels`,
      ];
      setText(target, parts.filter(Boolean).join(' · '));
    },
  };
}

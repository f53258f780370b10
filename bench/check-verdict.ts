import { figure } from '../src/cli/report.js';

/** One figure each round, by name. */
export type Rounds = Readonly<Record<string, readonly number[]>>;

/** A line of the check's table. Without a limit, a figure has not passed. */
export interface CheckRow {
  readonly ratio: string;
  readonly baseline: string | number;
  readonly rounds: string;
  readonly limit: number;
  readonly verdict: string;
}

/** How far above its baseline a ratio may be. */
const ALLOWED = 1.5;
export const OK = 'ok';

/** Ratios beside those of the baseline. One without a counterpart, on either side, is no pass. */
export function besideBaseline(measured: Rounds, baseline: Readonly<Record<string, number>>): CheckRow[] {
  const rows = Object.entries(measured).map(([name, rounds]) => {
    const before = baseline[name];
    if (before === undefined) return row(name, '-', rounds, Number.NaN, 'not in the baseline');
    const limit = before * ALLOWED;
    return row(name, before, rounds, limit, isWithin(rounds, limit) ? OK : 'slower in every round');
  });
  const absent = Object.entries(baseline).filter(([name]) => !(name in measured));
  return [
    ...rows,
    ...absent.map(([name, before]) => row(name, before, [], Number.NaN, 'in the baseline, not measured')),
  ];
}

/** Figures that have a limit of their own, on any machine. */
export function belowLimit(measured: Rounds, limit: number, unit: string): CheckRow[] {
  return Object.entries(measured).map(([name, rounds]) =>
    row(`${name}, ${unit}`, '-', rounds, limit, isWithin(rounds, limit) ? OK : 'above the limit in every round'),
  );
}

/** Machines that share their cores are noisy: only what all rounds agree on counts. A round without a figure is no proof. */
function isWithin(rounds: readonly number[], limit: number): boolean {
  return rounds.some((value) => value <= limit);
}

function row(
  ratio: string,
  baseline: string | number,
  rounds: readonly number[],
  limit: number,
  verdict: string,
): CheckRow {
  return { ratio, baseline, rounds: rounds.map(figure).join(', ') || '-', limit, verdict };
}

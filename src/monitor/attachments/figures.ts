/** A stats object, of which nothing is taken for granted. */
export type Figures = Readonly<Record<string, unknown>>;

/** More than this of one object is not read: readings are bounded, whatever stats() answers. */
const MOST_FIGURES = 64;

/** @throws TypeError when it is not an object: a promise is not one either, since readings are synchronous */
export function checkFigures(stats: unknown, method: string): Figures {
  if (stats instanceof Promise) {
    // Nobody else waits for it: its rejection would end the process.
    stats.catch(() => {});
    throw new TypeError(`${method} must answer at once, got a promise`);
  }
  if (typeof stats !== 'object' || stats === null) throw new TypeError(`${method} must return an object of figures`);
  return stats as Figures;
}

/** Those running totals of `names` that are numbers, none below 0. */
export function totals(figures: Figures, names: readonly string[]): Record<string, number> {
  return pick(figures, names, (value): value is number => isNumber(value) && value >= 0);
}

/** The figures of `names` that are numbers. */
export function numbers(figures: Figures, names: readonly string[]): Record<string, number> {
  return pick(figures, names, isNumber);
}

/** Numbers under other names than `known`. Nothing says whether such a one may fall, so it is never a running total. */
export function otherNumbers(figures: Figures, known: readonly string[]): Record<string, number> {
  const names = Object.keys(figures).filter((name) => !known.includes(name));
  return numbers(figures, names.slice(0, MOST_FIGURES));
}

/** The states of `names` that are strings. */
export function texts(figures: Figures, names: readonly string[]): Record<string, string> {
  return pick(figures, names, (value) => typeof value === 'string');
}

/** Counts by reason, under `name`; nothing where there are none. */
export function reasonCounts(figures: Figures, name: string): Record<string, Record<string, number>> {
  const counts = figures[name];
  if (typeof counts !== 'object' || counts === null) return {};
  const found = totals(counts as Figures, Object.keys(counts).slice(0, MOST_FIGURES));
  return Object.keys(found).length > 0 ? { [name]: found } : {};
}

function pick<T>(figures: Figures, names: readonly string[], fits: (value: unknown) => value is T): Record<string, T> {
  const found: [string, T][] = [];
  for (const name of names) {
    const value = figures[name];
    if (fits(value)) found.push([name, value]);
  }
  // Not by assignment, which would lose one that is called `__proto__`.
  return Object.fromEntries(found);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

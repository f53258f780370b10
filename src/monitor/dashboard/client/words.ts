import { amount, type FigureUnit, figure } from './figures.js';

/** Endings of names that say a unit, in the manner of `stats()`. */
const ENDINGS: readonly { readonly ending: RegExp; readonly unit: FigureUnit; readonly scale?: number }[] = [
  { ending: /(Ms|^ms)$/, unit: 'ms' },
  { ending: /(Bytes|^bytes)$/, unit: 'bytes' },
  { ending: /(Mb|^mb)$/, unit: 'bytes', scale: 2 ** 20 },
  { ending: /([rR]ate|RateRecent|RateHour|[sS]hare|[rR]atio|[fF]raction)$/, unit: 'ratio' },
];

/** A name in camel case as words, without the unit at its end: `savedMs` is `saved`. */
export function words(name: string): string {
  const bare = name.replace(/(?<=.)(Ms|Mb|Bytes)$/, '');
  return bare.replace(/(?<=[a-z0-9])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('-', ' ');
}

/** A figure in the unit that its name ends with. */
export function namedFigure(name: string, value: number): string {
  const known = ENDINGS.find(({ ending }) => ending.test(name));
  return known ? figure(value * (known.scale ?? 1), known.unit) : amount(value);
}

/** `1 value`, `3 values`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${amount(count)} ${count === 1 ? one : many}`;
}

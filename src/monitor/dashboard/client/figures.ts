import type { Unit } from '../../unit.js';

/** Units of what the page shows: those of series, and requests a minute. */
export type FigureUnit = Unit | 'perMinute';

/** What stands for a figure that there is none of. */
export const NO_FIGURE = '–';

const numbers = new Map<string, Intl.NumberFormat>();

/** A figure for people, in the viewer's locale: `312 ms`, `2.31 s`, `81.3%`, `148 MB`. */
export function figure(value: number | null | undefined, unit: FigureUnit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_FIGURE;
  if (unit === 'ms') return duration(value);
  if (unit === 'ratio') return share(value);
  if (unit === 'bytes') return bytes(value);
  return unit === 'perMinute' ? `${amount(value)}/min` : amount(value);
}

/** Three digits that carry meaning, whole from 100 on; millions are shortened. */
export function amount(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return number(value, { maximumSignificantDigits: 2 });
  if (Math.abs(value) >= 1e6) return number(value, { notation: 'compact', maximumFractionDigits: 2 });
  return number(value, { maximumFractionDigits: digitsAfterPoint(value) });
}

/** A share of 0 to 1 in per cent. */
export function share(value: number): string {
  const percent = Math.abs(value * 100);
  const digits = percent === 0 || percent >= 99.95 ? 0 : percent < 1 ? 2 : 1;
  return number(value, { style: 'percent', maximumFractionDigits: digits });
}

/** Milliseconds in the unit that reads best. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 0.1) return `${amount(ms * 1000)} µs`;
  // What rounds up to a thousand is a second.
  if (size < 999.5) return `${amount(ms)} ms`;
  if (size < 99_950) return `${number(ms / 1000, { maximumFractionDigits: size < 9_995 ? 2 : 1 })} s`;
  return span(ms);
}

/** A longer time by its two largest units: `3 h 12 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** Bytes in decimal units. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${number(scaled, { maximumFractionDigits: unit === 0 ? 0 : digitsAfterPoint(scaled) })} ${units[unit]}`;
}

function digitsAfterPoint(value: number): number {
  const size = Math.abs(value);
  if (size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}

function number(value: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify(options);
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(undefined, options);
    numbers.set(key, format);
  }
  return format.format(value);
}

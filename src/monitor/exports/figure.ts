import type { TargetResult } from '../targets/target-result.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LAST_MOMENT = 8.64e15;

/** A figure for people, in the unit that suits its size: `845 ms`, `1.23 s`, `61.2 %`, `2 MiB`. `no data` for `null`. */
export function figure(value: number | null, unit: TargetResult['unit']): string {
  if (value === null || Number.isNaN(value)) return 'no data';
  switch (unit) {
    case 'ms':
      return timeSpan(value);
    case 'ratio':
      return `${percent(value * 100)} %`;
    case 'bytes':
      return size(value);
    case 'perMinute':
      return `${digits(value)} / min`;
    case 'count':
      return digits(value);
  }
}

/** A span of milliseconds: `12 h`, `1.5 min`. */
export function timeSpan(ms: number): string {
  if (ms < SECOND) return `${digits(ms)} ms`;
  if (ms < MINUTE) return `${digits(ms / SECOND)} s`;
  return ms < HOUR ? `${digits(ms / MINUTE)} min` : `${digits(ms / HOUR)} h`;
}

/** A moment: `2026-11-22 19:00:00 UTC`. */
export function moment(at: number): string {
  if (!(Math.abs(at) <= LAST_MOMENT)) return 'no time';
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Of 99.97 % it is the part behind the point that matters. */
function percent(value: number): string {
  return value > 99 && value < 100 ? String(Number(value.toPrecision(4))) : digits(value);
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function size(bytes: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${digits(bytes / 1_024 ** power)} ${SIZES[power]!}`;
}

/** Three digits of what is small, all of what is whole: `0.00123`, `12.3`, `1,234`. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : 'minus infinite';
  if (Math.abs(value) < 1_000) return String(Number(value.toPrecision(3)));
  if (Math.abs(value) >= 1e15) return value.toExponential(2);
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

import { span } from './figures.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const clockToTheMinute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A time of day in the viewer's locale and zone. */
export function timeOfDay(at: number, precision: 'second' | 'minute' = 'second'): string {
  return (precision === 'second' ? clock : clockToTheMinute).format(at);
}

/** A time of day for an axis: short, so without the half of the day that some locales add. */
export function axisTime(at: number, precision: 'second' | 'minute'): string {
  const parts = (precision === 'second' ? clock : clockToTheMinute).formatToParts(at);
  return parts
    .filter(({ type }) => type !== 'dayPeriod')
    .map(({ value }) => value)
    .join('')
    .trim();
}

/** Date and time of day. */
export function dayAndTime(at: number): string {
  return dayAndClock.format(at);
}

/** How long ago something was, by the server's clock: `just now`, `4 min ago`. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < 5_000) return 'just now';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  return `${span(ms)} ago`;
}

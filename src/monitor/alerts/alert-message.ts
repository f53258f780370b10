import { amountText } from './alert-condition.js';
import type { AlertMessage } from './alert-event.js';

/** A message in one line: `firing: ask p95 above 3000 ms over 5m: 4200 ms (120 values), for 2m 10s`. */
export function messageText(message: AlertMessage): string {
  const { state, name, condition, value, unit, samples, durationMs } = message;
  const what = condition.startsWith(name) ? condition : `${name}: ${condition}`;
  const found =
    value === null ? 'no data' : `${amountText(value, unit)} (${samples} ${samples === 1 ? 'value' : 'values'})`;
  const seconds = Math.round(durationMs / 1_000);
  return `${state}: ${what}: ${found}${seconds === 0 ? '' : `, for ${spanText(seconds)}`}`;
}

/** In two units at most: `45s`, `2m 10s`, `3h 5m`. */
function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const [large, small] = minutes < 60 ? [`${minutes}m`, seconds % 60] : [`${Math.floor(minutes / 60)}h`, minutes % 60];
  return small === 0 ? large : `${large} ${small}${minutes < 60 ? 's' : 'm'}`;
}

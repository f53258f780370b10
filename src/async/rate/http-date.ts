import { type HeaderSource, headerOf } from './header-source.js';

/** `Sun, 01 Mar 2026 12:00:09 GMT`, and of old `Sunday, 01-Mar-26 12:00:09 GMT`. */
const WITH_ZONE = /^[A-Za-z]{3,9}, \d\d[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d/;
/** `Sun Mar  1 12:00:09 2026`, which means GMT too. */
const WITHOUT_ZONE = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/** The moment that a date of HTTP names (RFC 9110, all three forms), in milliseconds since the epoch; `undefined` for what is none. */
export function httpDateMs(text: string): number | undefined {
  // `Date.parse` takes '-5' and '2 weeks' for dates.
  const date = WITHOUT_ZONE.test(text) ? `${text} GMT` : text;
  if (date === text && !WITH_ZONE.test(text)) return undefined;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? undefined : ms;
}

/** The service's own clock tells when its moments are, whatever ours says: the `Date` of the response, or `nowMs` where there is none. */
export function serverNow(headers: HeaderSource | undefined, nowMs: number): number {
  const date = headerOf(headers, 'date')?.trim();
  return (date === undefined ? undefined : httpDateMs(date)) ?? nowMs;
}

/** Sources that an answer may run: hashes as in a Content-Security-Policy, without quotes. */
export interface InlineSources {
  readonly scriptHash: string;
  readonly styleHash: string;
}

const NOWHERE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What no answer of the dashboard does without: nothing is kept, framed, sniffed, or told to other sites. */
const ALWAYS: Readonly<Record<string, string>> = Object.freeze({
  // no-transform: a host's compression would hold the event stream back.
  'Cache-Control': 'no-store, no-transform',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

/**
 * Headers of an answer. With `inline`, that script and that style may run and the page may talk to where it came from; without,
 * the answer is data that runs nothing.
 *
 * Sources: https://www.w3.org/TR/CSP3/ and https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
 */
export function securityHeaders(inline?: InlineSources): Readonly<Record<string, string>> {
  const sources =
    inline === undefined
      ? "default-src 'none'"
      : `default-src 'none'; script-src '${inline.scriptHash}'; style-src '${inline.styleHash}'; connect-src 'self'; img-src 'self' data:`;
  return { 'Content-Security-Policy': `${sources}; ${NOWHERE}`, ...ALWAYS };
}

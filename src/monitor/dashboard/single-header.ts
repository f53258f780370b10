import type { IncomingMessage } from 'node:http';

/**
 * The value of a header that was sent exactly once. Node keeps one of several and joins others: where a header decides about
 * access, the one that we see may not be the one that a proxy saw.
 *
 * @param name - lower case
 */
export function singleHeader(req: IncomingMessage, name: string): string | undefined {
  const { rawHeaders } = req;
  let found: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() !== name) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[i + 1]!;
  }
  return found;
}

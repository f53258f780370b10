import type { IncomingMessage } from 'node:http';
import { HotpathError } from '../../core/errors.js';

const LARGEST = 1_024;

/** What a framework's body parser leaves behind. */
interface ParsedRequest extends IncomingMessage {
  readonly body?: unknown;
}

/**
 * The body of a request as JSON, at most 1 kB. A body that the host's framework has read already is taken from `req.body`.
 *
 * @throws HotpathError `BODY_TOO_LARGE` (the rest is not read), `BODY_NOT_JSON`, `BODY_CUT_SHORT`
 */
export async function jsonBody(req: ParsedRequest): Promise<unknown> {
  if (req.body !== undefined) return req.body;
  const text = await textOf(req);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HotpathError('the body is not JSON', { code: 'BODY_NOT_JSON', cause });
  }
}

function textOf(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    // Read by somebody who left nothing behind: no event would ever come.
    if (req.readableEnded || req.destroyed) return resolve('');
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LARGEST) chunks.push(chunk);
      else reject(new HotpathError(`the body is larger than ${LARGEST} bytes`, { code: 'BODY_TOO_LARGE' }));
    });
    req.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    const onCut = (cause?: Error): void =>
      reject(new HotpathError('the body was cut short', { code: 'BODY_CUT_SHORT', cause }));
    req.on('error', onCut);
    req.on('close', () => onCut());
  });
}

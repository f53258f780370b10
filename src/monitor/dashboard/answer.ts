import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProfileContent } from '../profiling/profile-content.js';
import { type InlineSources, securityHeaders } from './security-headers.js';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array | ProfileContent;
  readonly headers?: Readonly<Record<string, string>>;
  /** The script and style that a page may run. */
  readonly inline?: InlineSources;
}

/** A refusal, or another short message for people. */
export function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n`, headers };
}

export function jsonAnswer(status: number, data: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(data) };
}

/** Sends an answer, to `HEAD` without its body. Does nothing if the host has answered already, or the peer is gone. */
export function send(req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  const { status, type, body, headers, inline } = answer;
  const file = typeof body === 'object' && 'content' in body ? body : undefined;
  if (res.headersSent || res.destroyed) {
    file?.content.destroy();
    return;
  }
  res.writeHead(status, {
    ...securityHeaders(inline),
    'Content-Type': type,
    'Content-Length': file?.bytes ?? Buffer.byteLength(body as string | Uint8Array),
    ...headers,
  });
  if (req.method === 'HEAD') {
    file?.content.destroy();
    res.end();
  } else if (file) {
    sendFile(file, res);
  } else {
    res.end(body);
  }
}

/** A file that was cut short meanwhile ends the connection: what came next would be taken for the rest of it. */
function sendFile({ bytes, content }: ProfileContent, res: ServerResponse): void {
  let left = bytes;
  content.on('data', (chunk: Buffer) => {
    left -= chunk.length;
  });
  content.on('end', () => {
    if (left === 0) res.end();
    else res.destroy();
  });
  content.on('error', () => res.destroy());
  res.on('close', () => content.destroy());
  content.pipe(res, { end: false });
}

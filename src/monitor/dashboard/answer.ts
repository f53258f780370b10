import type { IncomingMessage, ServerResponse } from 'node:http';
import { type InlineSources, securityHeaders } from './security-headers.js';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
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
export function send(req: IncomingMessage, res: ServerResponse, { status, type, body, headers, inline }: Answer): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, {
    ...securityHeaders(inline),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(req.method === 'HEAD' ? undefined : body);
}

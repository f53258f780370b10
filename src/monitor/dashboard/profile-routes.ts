import type { IncomingMessage } from 'node:http';
import { type Duration, toMs } from '../../core/duration.js';
import { HotpathError, InvalidOptionError } from '../../core/errors.js';
import type { MonitorReader } from '../monitor-reader.js';
import type { ProfileContent } from '../profiling/profile-content.js';
import { type Answer, jsonAnswer, textAnswer } from './answer.js';
import { isSameOrigin } from './foreign-request.js';
import { jsonBody } from './json-body.js';
import { singleHeader } from './single-header.js';

/** Takes a profile and resolves when it is on disk. Rejects when one runs already, or too soon after the last. */
export type StartProfile = (duration: Duration, kind: 'cpu' | 'heap') => Promise<unknown>;

/** A finished profile: its bytes, or its file, opened. */
export type ReadProfile = (file: string) => Promise<Uint8Array | ProfileContent | undefined>;

const FILE = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/;
const LONGEST_MS = 60_000;
const JSON_TYPE = /^application\/json *(?:;|$)/i;
const BODY_STATUS: Readonly<Record<string, number>> = { BODY_TOO_LARGE: 413, BODY_NOT_JSON: 400, BODY_CUT_SHORT: 400 };

/**
 * `GET profiles/<file>`. The name must be one of the monitor's own profiles, and look like one: it is never decoded, never
 * joined to a path, and what is not listed is not there.
 */
export async function downloadProfile(
  file: string,
  reader: Pick<MonitorReader, 'profiles'>,
  read: ReadProfile | undefined,
): Promise<Answer> {
  const isKnown = FILE.test(file) && reader.profiles().some((entry) => entry.file === file);
  const body = isKnown ? await read?.(file) : undefined;
  if (body === undefined) return textAnswer(404, 'no such profile');
  return {
    status: 200,
    type: 'application/json; charset=utf-8',
    body,
    headers: { 'Content-Disposition': `attachment; filename="${file}"` },
  };
}

/**
 * `POST profile` with `{ "duration": "10s", "kind": "cpu" }`, both optional, a minute at the longest. Answers when the profile
 * is taken: with its file, or 409 and the reason when it was refused.
 */
export async function startProfile(req: IncomingMessage, start: StartProfile | undefined): Promise<Answer> {
  if (!isSameOrigin(req)) return textAnswer(403, 'profiles are started from the dashboard itself');
  if (start === undefined) return textAnswer(404, 'this dashboard starts no profiles');
  if (!JSON_TYPE.test(singleHeader(req, 'content-type') ?? '')) return textAnswer(415, 'send application/json');
  let wish: { duration: Duration; kind: 'cpu' | 'heap' };
  try {
    wish = wishOf(await jsonBody(req));
  } catch (error) {
    if (!HotpathError.is(error)) throw error;
    const status = BODY_STATUS[error.code] ?? 400;
    // The unread rest of a body would be taken for the next request.
    return textAnswer(status, error.message, status === 413 ? { Connection: 'close' } : {});
  }
  try {
    return jsonAnswer(200, { file: fileOf(await start(wish.duration, wish.kind)) });
  } catch (error) {
    if (!HotpathError.is(error)) throw error;
    return textAnswer(409, error.message);
  }
}

function wishOf(body: unknown): { duration: Duration; kind: 'cpu' | 'heap' } {
  if (typeof body !== 'object' || body === null) throw new InvalidOptionError('the body', 'an object', body);
  const { duration = '10s', kind = 'cpu' } = body as { duration?: unknown; kind?: unknown };
  const ms = toMs('duration', duration as Duration, { zero: false });
  if (ms > LONGEST_MS) throw new InvalidOptionError('duration', 'at most 60 s', duration);
  if (kind !== 'cpu' && kind !== 'heap') throw new InvalidOptionError('kind', "'cpu' or 'heap'", kind);
  return { duration: ms, kind };
}

function fileOf(result: unknown): string | null {
  const file: unknown = (result as { file?: unknown } | null | undefined)?.file;
  return typeof file === 'string' ? file : null;
}

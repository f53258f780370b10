import { CheckpointCorruptError } from './checkpoint-errors.js';
import type { CheckpointState } from './checkpoint-store.js';

// A journal is lines of JSON: one with the state and who works on it, then `[index, "id"]` for each item that was done since,
// and `{"owner":null}` when its job has ended in good order. From the first line on that cannot be read (a process was killed,
// or a machine, while it was written) no item counts any more: those run again. An end in good order still does.

const FORMAT = 'checkpoint';
const VERSION = 1;

interface Header extends Omit<CheckpointState, 'ahead'> {
  readonly hotpath: typeof FORMAT;
  readonly version: number;
  readonly owner: string | undefined;
}

/** A journal as it was read. */
export interface Journal {
  readonly state: CheckpointState;
  /** Who works on it, or died at it. */
  readonly owner: string | undefined;
}

export const RELEASED = '{"owner":null}\n';

export function journalText({ ahead, ...state }: CheckpointState, owner: string | undefined): string {
  const header: Header = { hotpath: FORMAT, version: VERSION, owner, ...state };
  return `${JSON.stringify(header)}\n${entriesText(ahead)}`;
}

export function entriesText(entries: readonly (readonly [index: number, id: string])[]): string {
  let text = '';
  for (const entry of entries) text += `${JSON.stringify(entry)}\n`;
  return text;
}

/** @throws CheckpointCorruptError for what is no journal, or one of another version */
export function readJournal(path: string, text: string): Journal {
  const lines = text.split('\n');
  // Behind the last line end: nothing, or what a process that was killed could not end.
  lines.pop();
  const header = readHeader(path, lines[0]);
  const ahead: [number, string][] = [];
  let owner = header.owner ?? undefined;
  let isWhole = true;
  for (const text of lines.slice(1)) {
    const line = parsed(text);
    if (isObject(line) && line['owner'] === null) owner = undefined;
    else if (!isEntry(line)) isWhole = false;
    else if (isWhole) ahead.push(line);
  }
  const { watermark, digest } = header;
  return { state: { source: header.source ?? undefined, watermark, digest, ahead }, owner };
}

function readHeader(path: string, line: string | undefined): Header {
  const header = line === undefined ? undefined : parsed(line);
  if (!isObject(header) || header['hotpath'] !== FORMAT) throw new CheckpointCorruptError(`${path} is no checkpoint`);
  if (header['version'] !== VERSION) {
    throw new CheckpointCorruptError(
      `${path} is a checkpoint of version ${header['version']}, this is version ${VERSION}`,
    );
  }
  return header as unknown as Header;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is [number, string] {
  return Array.isArray(value) && Number.isSafeInteger(value[0]) && typeof value[1] === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

import type { GlobSource } from './backend.js';

/** What a node tells the others of its namespace. Never a value. */
export interface BusMessage {
  /** Who says so. */
  readonly src: string;
  /** Counts the messages of `src` from 1, so that a gap shows; 0 for one that nobody needs to miss. */
  readonly n: number;
  /** Keys as they stand on the wire, each with the checksum of what was written there, 0 where it was deleted. */
  readonly keys: readonly KeyChange[];
  /** Keys as they stand on the wire whose lease has ended: whoever waits for one may look again. */
  readonly wake: readonly string[];
  readonly tags: readonly string[];
  /** Starts of inner keys. */
  readonly prefixes: readonly string[];
  /** Globs whose keys are being gone through on the server: what matches goes from memory too. */
  readonly globs: readonly GlobSource[];
  /** Whether tags, prefixes and globs are invalidated softly: what carries them may still be served stale. */
  readonly soft: boolean;
  /** Whether all of the namespace is invalidated. */
  readonly clear: boolean;
  /** The version that tags, prefixes and clear have got; 0 in a message without them. */
  readonly q: number;
  /** Which life of the namespace's versions `q` belongs to; 0 where it is not said. */
  readonly birth: number;
}

export type KeyChange = readonly [wireKey: string, checksum: number];

/** A message before it has its version. What it does not speak of may be left out. */
export type BusNews = Pick<BusMessage, 'src' | 'n'> & Partial<Omit<BusMessage, 'src' | 'n' | 'q' | 'birth'>>;

const VERSION = 1;

/** How many keys, tags and prefixes one message is taken in with at most: a publisher with more sends several. */
export const MOST_NAMES = 1_000;

/** Longer messages are not taken in: bytes, or UTF-16 units of a text. */
export const LONGEST_MESSAGE: number = 8 * 1024 * 1024;

const LONGEST_SOURCE = 128;

/**
 * A message but for its end, which only the server knows: its script appends `,"q":<version>,"b":<birth>}`, `b` if it likes. It
 * writes the numbers by `string.format('%.0f', q)`; Lua's `tostring` would round them.
 */
export function openBusMessage({ src, n, keys, wake, tags, prefixes, globs, soft, clear }: BusNews): string {
  const fields = {
    v: VERSION,
    src,
    n,
    ...(keys?.length ? { k: keys } : {}),
    ...(wake?.length ? { w: wake } : {}),
    ...(tags?.length ? { t: tags } : {}),
    ...(prefixes?.length ? { p: prefixes } : {}),
    ...(globs?.length ? { g: globs } : {}),
    ...(soft ? { s: true } : {}),
    ...(clear ? { c: true } : {}),
  };
  return JSON.stringify(fields).slice(0, -1);
}

/** A whole message. */
export function encodeBusMessage(news: BusNews, q: number): string {
  return `${openBusMessage(news)},"q":${q}}`;
}

/** Reads a message. `undefined` for what is not ours, malformed, too large or of a newer version. Never throws. */
export function readBusMessage(message: Uint8Array | string): BusMessage | undefined {
  const fields = message.length > LONGEST_MESSAGE ? undefined : parse(message);
  if (fields?.['v'] !== VERSION) return undefined;
  const { src, n, q, b: birth = 0, k: keys = [], w: wake = [], t: tags = [], p: prefixes = [] } = fields;
  const { g: globs = [], s: soft = false, c: clear = false } = fields;
  if (typeof src !== 'string' || src === '' || src.length > LONGEST_SOURCE) return undefined;
  if (!isCount(n) || !isCount(q) || !isCount(birth)) return undefined;
  if (!isListOf(keys, isChange) || !isListOf(wake, isText)) return undefined;
  if (!isListOf(tags, isText) || !isListOf(prefixes, isText) || !isListOf(globs, isGlob)) return undefined;
  if (keys.length + wake.length + tags.length + prefixes.length + globs.length > MOST_NAMES) return undefined;
  if (typeof soft !== 'boolean' || typeof clear !== 'boolean') return undefined;
  return { src, n, keys, wake, tags, prefixes, globs, soft, clear, q, birth };
}

function parse(message: Uint8Array | string): Record<string, unknown> | undefined {
  try {
    const text = typeof message === 'string' ? message : new TextDecoder().decode(message);
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isChange(value: unknown): value is KeyChange {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && isCount(value[1]);
}

function isGlob(value: unknown): value is GlobSource {
  return Array.isArray(value) && value.length === 2 && isText(value[0]) && isText(value[1]) && value[1] !== '';
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

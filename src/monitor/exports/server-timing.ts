import type { StageTime } from '../exemplar.js';

/** What {@link serverTiming} may add. */
export interface ServerTimingOptions {
  /** Whether the answer came from a cache: `cache;desc=hit`. */
  readonly cache?: 'hit' | 'miss' | undefined;
  /** Milliseconds to the first chunk of a streamed answer: `first-chunk;dur=310`. */
  readonly firstChunkMs?: number | undefined;
  /** Words about a stage, shown to whoever gets the answer. By default the stage's name where the header can't carry it as it is. */
  readonly describe?: (stage: StageTime) => string | undefined;
}

const LONGEST = 1_000;
const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 128;

/**
 * The value of a `Server-Timing` header: where the time of a request went, as browsers show it. `total;dur=912.4,
 * retrieval;dur=12.3, model;dur=900.1`. ASCII only, never a line break, at most 1,000 characters: the shortest stages
 * give way then, and are counted: `more;desc="3 stages"`.
 *
 * Source: https://www.w3.org/TR/server-timing/#the-server-timing-header-field
 */
export function serverTiming(
  stages: readonly StageTime[],
  totalMs: number | undefined,
  { cache, firstChunkMs, describe }: ServerTimingOptions = {},
): string {
  const first = [
    ...(totalMs === undefined ? [] : [entry('total', totalMs, undefined)]),
    ...(cache === undefined ? [] : [entry('cache', undefined, cache)]),
    ...(firstChunkMs === undefined ? [] : [entry('first-chunk', firstChunkMs, undefined)]),
  ];
  const entries = stages.map((stage) => ({
    text: entry(stage.name, stage.ms, wordsAbout(stage, describe)),
    ms: stage.ms,
  }));
  const all = [...first, ...entries.map(({ text }) => text)].join(', ');
  if (all.length <= LONGEST) return all;
  const kept = longest(entries, LONGEST - [...first, moreOf(entries.length)].join(', ').length);
  const left = entries.length - kept.size;
  const shown = entries.filter((one) => kept.has(one)).map(({ text }) => text);
  return [...first, ...shown, moreOf(left)].join(', ');
}

/** As many of the longest stages as there is room for, each with the `, ` before it. */
function longest<T extends { readonly text: string; readonly ms: number }>(
  entries: readonly T[],
  room: number,
): Set<T> {
  const kept = new Set<T>();
  let left = room;
  for (const one of [...entries].sort((a, b) => b.ms - a.ms)) {
    left -= one.text.length + 2;
    if (left < 0) break;
    kept.add(one);
  }
  return kept;
}

function moreOf(stages: number): string {
  return entry('more', undefined, `${stages} stages`);
}

function entry(name: string, ms: number | undefined, description: string | undefined): string {
  const dur = ms !== undefined && Number.isFinite(ms) && ms >= 0 ? `;dur=${Number(ms.toFixed(1))}` : '';
  return `${token(name)}${dur}${description === undefined ? '' : `;desc=${quoted(description)}`}`;
}

function wordsAbout(stage: StageTime, describe: ServerTimingOptions['describe']): string | undefined {
  if (describe === undefined) return token(stage.name) === stage.name ? undefined : stage.name;
  try {
    const words: unknown = describe(stage);
    return typeof words === 'string' ? words : undefined;
  } catch {
    // An answer goes out without a description rather than not at all.
    return undefined;
  }
}

/** Characters of an HTTP token, and no others. */
function token(name: string): string {
  return name.replace(/[^!#$%&'*+.^_`|~0-9A-Za-z-]+/g, '_').slice(0, LONGEST_NAME) || '_';
}

/** As it is where it is a token, else an HTTP quoted-string. */
function quoted(text: string): string {
  const shown = text.slice(0, LONGEST_DESCRIPTION).replace(/[^\x20-\x7e]+/g, (c) => (/\s/.test(c) ? ' ' : '?'));
  return shown !== '' && token(shown) === shown ? shown : `"${shown.replace(/["\\]/g, '\\$&')}"`;
}

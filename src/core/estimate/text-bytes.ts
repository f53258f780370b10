import { inWords, STRING } from './heap-sizes.js';

/** Up to here a text is told by all of its characters, longer ones by windows. */
const WHOLE = 65_536;
const WINDOW = 4096;
const WINDOWS = 16;
/** What a text of more characters held up by the engine is worth a second search. */
const RELEASE = 1024;

const WIDE = /[\u0100-\uffff]/;

/**
 * Bytes of a string. V8 keeps one byte a character until one of them needs two. A search for such a one costs nothing on
 * a text of the first kind, since V8 compiles it apart for both kinds and knows that it can't match; on the second kind it
 * ends at the first one. Beyond 65,536 characters it looks at 16 windows of 4,096: a longer text whose wide characters
 * stand between them counts half.
 */
export function textBytes(text: string): number {
  const { length } = text;
  // V8 keeps one copy of each for everybody.
  if (length <= 1) return 0;
  return inWords(STRING + (isWide(text) ? 2 * length : length));
}

function isWide(text: string): boolean {
  const wide = text.length <= WHOLE ? WIDE.test(text) : isWideInWindows(text);
  // RegExp.input holds on to the last text that matched: not to this one, which may be evicted soon.
  if (wide && text.length > RELEASE) WIDE.test('\u0100');
  return wide;
}

function isWideInWindows(text: string): boolean {
  const stride = (text.length - WINDOW) / (WINDOWS - 1);
  for (let i = 0; i < WINDOWS; i++) {
    const start = Math.floor(i * stride);
    if (WIDE.test(text.slice(start, start + WINDOW))) return true;
  }
  return false;
}

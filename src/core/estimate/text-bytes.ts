import { inWords, STRING } from './heap-sizes.js';

/** Up to here a text is told by all of its characters, longer ones by windows. */
const WHOLE = 65_536;
const WINDOW = 4096;
const WINDOWS = 16;
/** V8 keeps a text glued together from others in pieces until the first look at a character, which puts it together: a text beyond is not looked at. */
const LONGEST_LOOK = 1_048_576;
/** Of a look's price, should it come to that, so many characters count as one look. */
const CHARACTERS_A_LOOK_BITS = 14;
/** What a text of more characters held up by the engine is worth a second search. */
const RELEASE = 1024;

const WIDE = /[\u0100-\uffff]/;

/**
 * Bytes of a string. V8 keeps one byte a character until one of them needs two. A search for such a one costs nothing on
 * a text of the first kind, since V8 compiles it apart for both kinds and knows that it can't match; on the second kind it
 * ends at the first one. Beyond 65,536 characters Node.js is asked, from 22.15 on. An older one looks at 16 windows of
 * 4,096, where a text counts half if its wide characters stand between them, and takes a text of more than 1,048,576
 * characters for one of one byte each, as markup, base64 and logs are.
 */
export function textBytes(text: string): number {
  const { length } = text;
  // V8 keeps one copy of each for everybody.
  if (length <= 1) return 0;
  return inWords(STRING + (isWide(text) ? 2 * length : length));
}

/** How many looks a text is worth. */
export function textLooks(text: string): number {
  return text.length > LONGEST_LOOK ? 0 : text.length >> CHARACTERS_A_LOOK_BITS;
}

function isWide(text: string): boolean {
  if (text.length <= WHOLE) {
    const wide = WIDE.test(text);
    if (wide && text.length > RELEASE) release();
    return wide;
  }
  asksNode ??= narrowTest();
  if (asksNode !== false) return !asksNode(text);
  if (text.length > LONGEST_LOOK) return false;
  const wide = isWideInWindows(text);
  if (wide) release();
  return wide;
}

/** RegExp.input holds on to the last text that matched: not to this one, which may be evicted soon. */
function release(): void {
  WIDE.test('\u0100');
}

function isWideInWindows(text: string): boolean {
  const stride = (text.length - WINDOW) / (WINDOWS - 1);
  for (let i = 0; i < WINDOWS; i++) {
    const start = Math.floor(i * stride);
    if (WIDE.test(text.slice(start, start + WINDOW))) return true;
  }
  return false;
}

type NarrowTest = (text: string) => boolean;

let asksNode: NarrowTest | false | undefined;

/** Whether V8 keeps one byte a character, which Node.js tells from 22.15 on without a look at one. */
function narrowTest(): NarrowTest | false {
  const { getBuiltinModule } = process as { getBuiltinModule?: (id: string) => object | undefined };
  const v8 = getBuiltinModule?.('node:v8') as { isStringOneByteRepresentation?: NarrowTest } | undefined;
  return v8?.isStringOneByteRepresentation ?? false;
}

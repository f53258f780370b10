/**
 * The beginning of a text, in memory of its own. V8's `slice` keeps the whole text alive behind the part: what is held on to for
 * long must be copied so, also where it is short, since it may be a part already.
 */
export function ownText(text: string, length: number = Number.POSITIVE_INFINITY): string {
  const part = text.length <= length ? text : text.slice(0, length);
  // Two bytes a unit: a text is cut between units, as `slice` does, and reads back as it was.
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, m: 60_000, s: 1_000, h: 3_600_000, d: 86_400_000 };
const PART =
  /\s*(\d{1,15}(?:\.\d{1,15})?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])/iy;

/**
 * The span of time that stands in `text` at an index, in milliseconds: `634ms`, `6.2s`, `1m30s`, `20 seconds`, `1h 5m`. `undefined` where there
 * is none.
 */
export function spanAt(text: string, at: number): number | undefined {
  return read(text, { at });
}

/** The span of time that `text` is, and nothing else beside it. */
export function spanOf(text: string): number | undefined {
  const end = { at: 0 };
  const ms = read(text, end);
  return end.at === text.length ? ms : undefined;
}

function read(text: string, end: { at: number }): number | undefined {
  let ms: number | undefined;
  const part = new RegExp(PART);
  part.lastIndex = end.at;
  for (let match = part.exec(text); match; match = part.exec(text)) {
    ms = (ms ?? 0) + Number(match[1]) * MS_PER_UNIT[unitOf(match[2]!)]!;
    end.at = part.lastIndex;
  }
  return ms;
}

function unitOf(name: string): string {
  const lower = name.toLowerCase();
  return lower === 'ms' || lower.startsWith('mil') ? 'ms' : lower[0]!;
}

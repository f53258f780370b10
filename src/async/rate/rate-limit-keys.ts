/** Goes up when a key or the meaning of one changes. */
const PREFIX = 'hp1:rate:';
/** What must not stand in a name: the escape itself, the braces of the hash tag, the colon between parts, control and half characters. */
const EACH_TO_ESCAPE = /[%{}:\p{Cc}\p{Cs}]/gu;

/**
 * The keys of one limit on the server, all of one hash slot: the window, the processes, the cool-down, which all windows share. Limits of
 * another window are another limit.
 */
export function rateLimitKeys(
  namespace: string,
  key: string,
  windowMs: number,
): readonly [window: string, processes: string, coolDown: string] {
  const head = `${PREFIX}{${escaped(namespace)}:${escaped(key)}}`;
  return [`${head}:${windowMs}`, `${head}:${windowMs}:p`, `${head}:c`];
}

function escaped(part: string): string {
  return part.replace(EACH_TO_ESCAPE, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

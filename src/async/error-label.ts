/** What a code or a name looks like, and a text does not. */
const LABEL = /^[\w.:-]{1,64}$/;

/** The code of an error, else its name, for what is read by others than who called: its message may hold anything. Never throws. */
export function labelOf(error: unknown): string {
  try {
    const { code, name } = error as { code?: unknown; name?: unknown };
    if (typeof code === 'number' && Number.isFinite(code)) return String(code);
    for (const label of [code, name]) if (typeof label === 'string' && LABEL.test(label)) return label;
  } catch {
    // Nothing that can be read.
  }
  return 'an error';
}

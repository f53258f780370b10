const LONGEST_FACTS = 300;

/** Names and values on one line. */
export function factsText(facts: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(facts)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))}`)
    .join(', ');
  return text.length > LONGEST_FACTS ? `${text.slice(0, LONGEST_FACTS)}...` : text;
}

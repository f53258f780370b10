/** What keys must not hold as it stands: the escape itself, the braces of the hash tag, control characters, half characters. */
const TO_ESCAPE = /[%{}\p{Cc}\p{Cs}]/u;
const EACH_TO_ESCAPE = /[%{}\p{Cc}\p{Cs}]/gu;
const EACH_ESCAPE = /%(?:u([0-9A-F]{4})|([0-9A-F]{2}))/g;

/**
 * Text as it stands in a key: `%`, `{`, `}`, control characters as `%` and two hex digits, a lone surrogate (which UTF-8
 * can't express) as `%u` and four. All other text stays readable. No two texts have the same result.
 */
export function wireText(text: string): string {
  return TO_ESCAPE.test(text) ? text.replace(EACH_TO_ESCAPE, escapeUnit) : text;
}

/** {@link wireText} of a part that a colon ends: colons are escaped too. */
export function wirePart(text: string): string {
  return wireText(text).replaceAll(':', '%3A');
}

/** The text behind {@link wireText} or {@link wirePart}. */
export function wireTextBack(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(EACH_ESCAPE, (_, four: string | undefined, two: string) =>
    String.fromCharCode(Number.parseInt(four ?? two, 16)),
  );
}

function escapeUnit(unit: string): string {
  const hex = unit.charCodeAt(0).toString(16).toUpperCase();
  return hex.length > 2 ? `%u${hex}` : `%${hex.padStart(2, '0')}`;
}

/** Goes up when a key or the meaning of one changes, so that two majors of hotpath never read each other's keys. */
const PREFIX = 'hp1:';

/**
 * The names of one namespace and version on the server, frozen within a major: docs/wire.md. All keys of an entry share a
 * hash tag, and with it a slot of a cluster.
 */
export class WireNames {
  /** The sorted set of the namespace's versions. */
  readonly versions: string;
  /** The channel of the namespace's messages. */
  readonly channel: string;
  /** A `MATCH` pattern for the value keys of this namespace and version, and no others. */
  readonly valuePattern: string;
  /** What every value key starts with. */
  readonly #head: string;

  constructor(namespace: string, version: string | number) {
    const name = wirePart(namespace);
    this.versions = `${PREFIX}{${name}}:v`;
    this.channel = `${PREFIX}{${name}}:bus`;
    this.#head = `${PREFIX}{${name}:${wirePart(String(version))}:`;
    this.valuePattern = `${this.#head.replace(/[*?[\]\\^]/g, '\\$&')}*}`;
  }

  /** The key of an entry's value. */
  value(innerKey: string): string {
    return `${this.#head}${wireText(innerKey)}}`;
  }

  /** The key of the lease on loading the entry. */
  lease(innerKey: string): string {
    return this.entry(innerKey)[1];
  }

  /** The key that says when the entry was deleted. */
  tombstone(innerKey: string): string {
    return this.entry(innerKey)[2];
  }

  /** All keys of an entry. */
  entry(innerKey: string): readonly [value: string, lease: string, tombstone: string] {
    const value = this.value(innerKey);
    return [value, `${value}:l`, `${value}:x`];
  }

  /** The inner key behind a value key of this namespace and version, `undefined` for every other key. */
  innerKey(valueKey: string): string | undefined {
    if (!valueKey.startsWith(this.#head) || !valueKey.endsWith('}')) return undefined;
    const inner = wireTextBack(valueKey.slice(this.#head.length, -1));
    return this.value(inner) === valueKey ? inner : undefined;
  }

  /** The channel that one node alone listens to. */
  privateChannel(nodeId: string): string {
    return `${this.channel}:${wirePart(nodeId)}`;
  }
}

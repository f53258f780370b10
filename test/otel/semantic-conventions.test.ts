import { readFile } from 'node:fs/promises';
import * as official from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import * as ours from '../../src/otel/semantic-conventions.js';

/** Every name in the file, at any depth. */
function names(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.values(value).flatMap(names)
    : [];
}

const { SEMANTIC_CONVENTIONS, ...constants } = ours;

describe('names of the semantic conventions', () => {
  it('stand in the official package of the release that is named', async () => {
    const manifest = new URL('../../node_modules/@opentelemetry/semantic-conventions/package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    expect(SEMANTIC_CONVENTIONS).toBe(version);
    const known = new Set<unknown>(Object.values(official).filter((value) => typeof value === 'string'));
    const all = names(constants);
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter((name) => !known.has(name))).toEqual([]);
  });
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StageTime } from '../../src/monitor/exemplar.js';
import { serverTiming } from '../../src/monitor/exports/server-timing.js';
import { seedOf } from '../random.js';

const stage = (name: string, ms: number, labels?: Record<string, string>): StageTime => ({
  ...{ name, startMs: 0, ms },
  ...(labels !== undefined && { labels }),
});

/** One entry of the header as a browser reads it. */
interface Entry {
  readonly name: string;
  readonly dur?: number;
  readonly desc?: string;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const ENTRY = new RegExp(`^(${TOKEN})(?:;dur=(${TOKEN}))?(?:;desc=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?(?:, |$)`);

/** Reads the header by its grammar. Throws where it is not followed. */
function parse(header: string): Entry[] {
  const entries: Entry[] = [];
  for (let rest = header; rest !== ''; ) {
    const match = ENTRY.exec(rest);
    if (!match) throw new Error(`no entry: ${JSON.stringify(rest)}`);
    const [whole, name, dur, token, quoted] = match;
    const desc = token ?? quoted?.replace(/\\(.)/g, '$1');
    entries.push({ name: name!, ...(dur !== undefined && { dur: Number(dur) }), ...(desc !== undefined && { desc }) });
    rest = rest.slice(whole.length);
  }
  return entries;
}

describe('Server-Timing', () => {
  it('says the total, then each stage', () => {
    expect(serverTiming([stage('retrieval', 12.34), stage('model', 900.06)], 912.4)).toBe(
      'total;dur=912.4, retrieval;dur=12.3, model;dur=900.1',
    );
  });

  it('says whether the answer came from the cache, and when its first chunk came', () => {
    expect(serverTiming([], 3, { cache: 'hit', firstChunkMs: 2 })).toBe(
      'total;dur=3, cache;desc=hit, first-chunk;dur=2',
    );
  });

  it('is empty where there is nothing to say', () => {
    expect(serverTiming([], undefined)).toBe('');
  });

  it('makes tokens of names, and tells the name as a description then', () => {
    expect(parse(serverTiming([stage('re rank, "it"', 1)], undefined))).toEqual([
      { name: 're_rank_it_', dur: 1, desc: 're rank, "it"' },
    ]);
  });

  it('shows what the host says of a stage, and not its labels unasked', () => {
    const stages = [stage('model', 5, { model: 'large' })];
    expect(serverTiming(stages, undefined)).toBe('model;dur=5');
    expect(serverTiming(stages, undefined, { describe: ({ labels }) => labels?.['model'] })).toBe(
      'model;dur=5;desc=large',
    );
  });

  it('goes without a description whose function throws', () => {
    const describe = (): string => {
      throw new Error('of the host');
    };
    expect(serverTiming([stage('model', 5)], undefined, { describe })).toBe('model;dur=5');
  });

  it('leaves out a duration that is none', () => {
    expect(serverTiming([stage('a', Number.NaN), stage('b', -1), stage('c', Number.POSITIVE_INFINITY)], 0)).toBe(
      'total;dur=0, a, b, c',
    );
  });

  it('keeps the longest stages within 1,000 characters, in their order, and says how many there were beside them', () => {
    const stages = Array.from({ length: 200 }, (_, i) => stage(`stage-${i}`, i));
    const header = serverTiming(stages, 200);
    expect(header.length).toBeLessThanOrEqual(1_000);
    expect(header.length).toBeGreaterThan(950);
    const entries = parse(header);
    const shown = entries.filter(({ name }) => name.startsWith('stage-')).map(({ dur }) => dur!);
    expect(shown).toEqual(Array.from({ length: shown.length }, (_, i) => 200 - shown.length + i));
    expect(entries[0]).toEqual({ name: 'total', dur: 200 });
    expect(entries.at(-1)).toEqual({ name: 'more', desc: `${200 - shown.length} stages` });
  });

  it('is a header by its grammar, whatever stages are called', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const stages = fc.array(fc.record({ name: text, startMs: fc.constant(0), ms: fc.double() }), { maxLength: 30 });
    fc.assert(
      fc.property(stages, fc.double(), fc.option(text), (all, total, words) => {
        const header = serverTiming(all, total, words === null ? {} : { describe: () => words });
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(header.length).toBeLessThanOrEqual(1_000);
        expect(parse(header).length).toBeGreaterThan(0);
      }),
      { numRuns: 500, seed: seedOf('Server-Timing grammar') },
    );
  });

  it('goes through a server of Node as it is', async () => {
    const header = serverTiming([stage('a\r\nSet-Cookie: x=y', 1), stage('\u{1f600}\u0000', 2)], 3);
    const server = createServer((_, res) => res.setHeader('Server-Timing', header).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(headers.get('server-timing')).toBe(header);
      expect(headers.get('set-cookie')).toBeNull();
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

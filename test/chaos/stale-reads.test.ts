import { describe, expect, it } from 'vitest';
import type { Change, History } from './random-workload.js';
import { READ_COLUMNS, ReadLog } from './read-log.js';
import { monotonicUs } from './shared-rows.js';
import { findStaleReads } from './stale-reads.js';

const change = (resolvedUs: number, row: number, floor: number): Change => ({
  how: 'tag',
  resolvedUs,
  rows: [row],
  floors: [floor],
  remote: 'done',
});

/** A node that made these changes and these reads: [row, started, version, own floor, token's floor]. */
const node = (changes: readonly Change[], ...reads: readonly (readonly number[])[]): History => ({
  changes,
  errors: [],
  loads: 0,
  reads: Float64Array.from(
    reads.flatMap(([row, started, version, own = 0, token = 0]) => [
      row!,
      started!,
      started! + 1,
      version!,
      own,
      token,
      0,
    ]),
  ),
});

const rules = (histories: readonly History[], boundMs: number): string[] =>
  findStaleReads(histories, boundMs).stale.map((stale) => `${stale.rule} ${stale.node} ${stale.read.version}`);

describe('the search for stale reads', () => {
  it('finds what is older than a change of the same node', () => {
    expect(rules([node([], [0, 100, 49, 50], [0, 100, 50, 50])], 1)).toEqual(['own 0 49']);
  });

  it('finds what is older than the token', () => {
    expect(rules([node([], [0, 100, 49, 0, 50], [0, 100, 51, 0, 50])], 1)).toEqual(['token 0 49']);
  });

  it('finds what is older than a change that another node ended longer ago than the bound', () => {
    const writer = node([change(60, 0, 50), change(5_000, 0, 4_000), change(70, 1, 65)]);
    const reader = node([], [0, 1_060, 50], [0, 1_059, 49], [0, 1_061, 49], [0, 6_000, 3_999], [0, 5_999, 3_999]);
    expect(rules([writer, reader], 1)).toEqual(['others 1 49', 'others 1 3999']);
    expect(findStaleReads([writer, reader], 1).stale[0]?.because).toEqual(['tag by node 0, done at 60']);
  });

  it('measures how long others went on seeing the old value', () => {
    const writer = node([change(1_000, 0, 900), change(9_000, 0, 8_000)]);
    expect(findStaleReads([writer, node([], [0, 4_000, 899], [0, 9_500, 900])], 10).longestLagMs).toBe(3);
    expect(findStaleReads([writer, node([], [0, 4_000, 900])], 10)).toMatchObject({ reads: 1, longestLagMs: 0 });
  });
});

describe('the log of reads', () => {
  it('keeps what was demanded when the read began', () => {
    const log = new ReadLog();
    const floors = [1, 2];
    const before = monotonicUs();
    const seen = log.begin([1, 0], floors, [0, 7], 'get');
    floors[1] = 99;
    seen([5, undefined]);
    const [row, started, ended, version, own, token, kind] = log.columns();
    expect([row, version, own, token, kind]).toEqual([1, 5, 2, 7, 2]);
    expect(started).toBeGreaterThanOrEqual(before);
    expect(ended).toBeGreaterThanOrEqual(started!);
    expect(log.columns()).toHaveLength(READ_COLUMNS.length);
  });
});

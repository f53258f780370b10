import { describe, expect, test } from 'vitest';
import { contest, median, ratios } from '../../src/cli/contest.js';

describe('contest', () => {
  test('gives every contestant one slice a round and moves the order on', async () => {
    const order: string[] = [];
    const entry = (name: string) => ({
      name,
      operations: 1,
      run: async () => {
        if (order.at(-1) !== name) order.push(name);
        const end = performance.now() + 2;
        while (performance.now() < end);
      },
    });
    const times = await contest([entry('a'), entry('b'), entry('c')], { rounds: 2, sliceMs: 1, warmupRounds: 1 });
    expect(order.join('')).toBe('abcbcacab');
    expect([...times].map(([name, values]) => [name, values.length])).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);
  });

  test('divides the time of a run by its operations', async () => {
    const run = async (): Promise<void> => {
      const end = performance.now() + 2;
      while (performance.now() < end);
    };
    const times = await contest([{ name: 'a', operations: 1_000, run }], { rounds: 1, sliceMs: 1, warmupRounds: 0 });
    expect(times.get('a')![0]).toBeGreaterThanOrEqual(2_000);
    expect(times.get('a')![0]).toBeLessThan(1e6);
  });

  test('fails when a contestant fails', async () => {
    const entry = {
      name: 'a',
      operations: 1,
      run() {
        throw new Error('no answer');
      },
    };
    await expect(contest([entry], { rounds: 1, sliceMs: 1 })).rejects.toThrow('no answer');
  });

  test('takes ratios within each round', () => {
    const times = new Map([
      ['ours', [2, 30, 6]],
      ['floor', [1, 10, 2]],
    ]);
    expect(ratios(times, 'ours', 'floor')).toEqual([2, 3, 3]);
    expect(ratios(times, 'ours', 'absent')).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test('takes the median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

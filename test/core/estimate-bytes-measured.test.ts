import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SHAPES } from '../../bench/estimate-bytes-shapes.js';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('../../bench/estimate-bytes-child.ts', import.meta.url));

interface Weight {
  readonly name: string;
  readonly bytes: number;
  readonly estimate: number;
}

describe('estimateBytes beside what the heap grows by', () => {
  it('is within a quarter of the truth for every shape', async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', CHILD]);
    const weights = JSON.parse(stdout) as Weight[];
    expect(weights.map(({ name }) => name)).toEqual(SHAPES.map(({ name }) => name));
    expect(weights.length).toBeGreaterThanOrEqual(12);
    const wrong = weights.filter(({ bytes, estimate }) => !(Math.abs(estimate / bytes - 1) <= 0.25));
    expect(wrong).toEqual([]);
  }, 60_000);
});

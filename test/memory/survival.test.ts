import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SurvivalEnd, type SurvivalTask, Survivors } from './survivor.js';

const HEAP_MB = 256;
const ROWS = { requests: 24_000, kind: 'rows' } as const;

let survivors: Survivors;
beforeAll(async () => {
  survivors = await Survivors.prepare();
});
afterAll(() => survivors.close());

describe(`a process with a heap of ${HEAP_MB} Mb, and a cache of JSON rows that would outgrow it`, () => {
  const run = (caching: SurvivalTask['caching']): Promise<SurvivalEnd> =>
    survivors.run({ workload: ROWS, caching }, HEAP_MB);

  it('dies alone; under a MemoryManager it finishes with the results of a run without cache', async () => {
    const [alone, managed] = await Promise.all([run('alone'), run('managed')]);
    console.log(alone, managed);
    expect(alone.end).toBe('SIGABRT');
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMemoryCgroup } from '../services/memory-cgroup.js';
import { type SurvivalEnd, type SurvivalReport, type SurvivalTask, Survivors } from './survivor.js';

const MB = 2 ** 20;
const HEAP_MB = 256;
const LIMIT_MB = 384;
/** Far above the limit: without it Node takes a part of what its control group may, and V8 would end the process before the kernel does. */
const WIDE_HEAP_MB = 4_096;
/** Answers of some 44 kB, more than twice the heap. */
const ROWS = { requests: 18_000, kind: 'rows' } as const;
/** Answers of some 137 kB, twice the limit. */
const BUFFERS = { requests: 7_000, kind: 'buffers' } as const;
const TIMEOUT = 120_000;

const foundCgroup = await findMemoryCgroup(LIMIT_MB * MB);
let survivors: Survivors;
beforeAll(async () => {
  survivors = await Survivors.prepare();
});
afterAll(() => survivors.close());

/** @throws AssertionError with the child's last words unless it has finished */
function finished({ end, report, errors }: SurvivalEnd): SurvivalReport {
  expect(end, errors).toBe('finished');
  return report!;
}

function expectSameResults(managed: SurvivalReport, reference: SurvivalReport): void {
  expect(managed.digest).toBe(reference.digest);
  expect(reference.hits).toBe(0);
  expect(managed.hits, 'answers that came from the cache').toBeGreaterThan(0);
  expect(managed.trims).toBeGreaterThan(0);
  expect(managed.troubles).toEqual([]);
}

describe(`a process with a heap of ${HEAP_MB} Mb and a cache of rows that would outgrow it`, () => {
  const run = (caching: SurvivalTask['caching']): Promise<SurvivalEnd> =>
    survivors.run({ workload: ROWS, caching }, HEAP_MB);

  it(
    'is ended by V8 without a MemoryManager; with one it finishes, with the results of a run without cache',
    async () => {
      const [alone, uncached] = await Promise.all([run('alone'), run('none')]);
      expect(alone.end).toBe('SIGABRT');
      expect(alone.errors).toContain('heap out of memory');
      const managed = finished(await run('managed'));
      expectSameResults(managed, finished(uncached));
      expect(managed.levels).toContain('high heap');
    },
    TIMEOUT,
  );
});

describe(`a process that may take ${LIMIT_MB} Mb, with a cache of buffers and texts that would outgrow it`, () => {
  const gc = 'high';
  let uncached: SurvivalReport;
  beforeAll(async () => {
    uncached = finished(await survivors.run({ workload: BUFFERS, caching: 'none' }, WIDE_HEAP_MB));
  }, TIMEOUT);

  it(
    'stays below a limit that its reader tells of; without a MemoryManager it would not',
    async () => {
      const pretended = { workload: BUFFERS, pretendedLimit: LIMIT_MB * MB, gc } as const;
      const [alone, end] = await Promise.all([
        survivors.run({ ...pretended, caching: 'alone' }, WIDE_HEAP_MB),
        survivors.run({ ...pretended, caching: 'managed' }, WIDE_HEAP_MB),
      ]);
      const managed = finished(end);
      expectSameResults(managed, uncached);
      expect(managed).toMatchObject({ limitMb: LIMIT_MB, limitSource: 'cgroup-v2' });
      expect(managed.maxRssMb).toBeLessThan(LIMIT_MB);
      expect(finished(alone).maxRssMb).toBeGreaterThan(1.5 * LIMIT_MB);
    },
    TIMEOUT,
  );

  it(
    'is killed by the kernel in a real control group without a MemoryManager; with one it finishes, with equal results',
    async (context) => {
      if ('missing' in foundCgroup) return context.skip(foundCgroup.missing);
      const inGroup = async (
        caching: SurvivalTask['caching'],
      ): Promise<SurvivalEnd & { kills: number | undefined }> => {
        const group = await foundCgroup.start();
        try {
          const end = await survivors.run({ workload: BUFFERS, caching, gc }, WIDE_HEAP_MB, group.within);
          return { ...end, kills: await group.kills() };
        } finally {
          await group.close();
        }
      };
      const [alone, end] = await Promise.all([inGroup('alone'), inGroup('managed')]);
      expect(alone.end).toBe('SIGKILL');
      expect([1, undefined], 'the kernel counts what it kills').toContain(alone.kills);
      const managed = finished(end);
      expectSameResults(managed, uncached);
      expect(managed).toMatchObject({ limitMb: LIMIT_MB, limitSource: foundCgroup.from });
      expect([0, undefined]).toContain(end.kills);
    },
    TIMEOUT,
  );
});

import { CacheManager } from '../../src/cache/index.js';
import { MemoryManager } from '../../src/memory/index.js';
import { systemMemoryReader } from '../../src/memory/memory-reader.js';
import { type Answer, AnswerDigest, keysOf, load } from './survival-workload.js';
import type { SurvivalReport, SurvivalTask } from './survivor.js';

/** A process whose cache would outgrow it: bounds far above what it may take. */
const task = JSON.parse(process.argv[2]!) as SurvivalTask;
const { workload, caching, gc, pretendedLimit } = task;

const cache = new CacheManager<Answer>({ memory: { maxEntries: 1_000_000, maxBytes: 2 ** 40 }, mutationSample: 0 });
const memory = new MemoryManager({
  gc: gc ?? 'exposed',
  ...(pretendedLimit !== undefined && { reader: readerWithLimit(pretendedLimit) }),
});
let trims = 0;
let isEmptied = false;
memory.on('trim', ({ fraction }) => {
  trims++;
  isEmptied ||= fraction === 1;
});
const troubles: string[] = [];
memory.on('error', ({ error }) => troubles.push(String(error)));
const levels: string[] = [];
memory.on('level', ({ level, signal }) => levels.push(`${level} ${signal}`));
if (caching === 'managed') {
  memory.register('answers', cache);
  memory.start();
}

const digest = new AnswerDigest();
for (const key of keysOf(workload)) {
  digest.add(await (caching === 'none' ? load(key, workload) : cache.getOrSet(`${key}`, () => load(key, workload))));
}

const { limitMb, limitSource } = memory.checkMemoryUsage();
const { hits } = cache.stats();
const maxRssMb = process.resourceUsage().maxRSS / 1024;
const report: SurvivalReport = {
  ...{ digest: digest.hex(), hits, trims, isEmptied, levels, troubles },
  ...{ maxRssMb, limitMb, limitSource },
};
await memory.close();
process.stdout.write(JSON.stringify(report));

/** Reads what this process really takes, and says that its control group may take no more than this. */
function readerWithLimit(bytes: number): ReturnType<typeof systemMemoryReader> {
  const system = systemMemoryReader();
  const files: Readonly<Record<string, string>> = {
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': '25 20 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/memory.max': `${bytes}\n`,
  };
  return { ...system, limits: { ...system.limits, readFile: (path) => files[path] } };
}

import { availableParallelism, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { cpuQuota, memoryLimit, systemLimitReader, workingSet } from '../../src/core/resource-limits.js';
import { CONTAINER_V2, type Files, GB, MB, POD_V1, readerOf, SERVICE_V2 } from './control-groups.js';

describe('the CPU quota', () => {
  const machine = { cores: 8, source: 'machine' };

  it.each<[string, Files, object]>([
    [
      'of version 2',
      { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
      { cores: 1.5, source: 'cgroup-v2' },
    ],
    [
      'from a group above, where that is lower',
      {
        ...SERVICE_V2,
        '/sys/fs/cgroup/system.slice/app.service/cpu.max': '400000 100000\n',
        '/sys/fs/cgroup/system.slice/cpu.max': '50000 100000\n',
      },
      { cores: 0.5, source: 'cgroup-v2' },
    ],
    [
      'of version 1',
      {
        ...POD_V1,
        '/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1/c1/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1/c1/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1/cpu.cfs_quota_us': '200000\n',
        '/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1/cpu.cfs_period_us': '100000\n',
      },
      { cores: 2, source: 'cgroup-v1' },
    ],
    [
      'of version 1, without a table of mounts',
      {
        '/proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '20000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      { cores: 0.2, source: 'cgroup-v1' },
    ],
    ['that is absent', {}, machine],
    ['that says max', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, machine],
    ['that says 0', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': '0 100000\n' }, machine],
    ['with a period of 0', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': '50000 0\n' }, machine],
    ['that is nonsense', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': 'some of it\n' }, machine],
    ['that is empty', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': '' }, machine],
    ['above what the machine has', { ...CONTAINER_V2, '/sys/fs/cgroup/cpu.max': '900000 100000\n' }, machine],
    [
      'of version 1 that says -1',
      {
        ...POD_V1,
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      },
      machine,
    ],
  ])('%s', (_, files, expected) => {
    expect(cpuQuota(readerOf(files))).toEqual(expected);
  });

  it('is never 0, whatever the machine says', () => {
    expect(cpuQuota(readerOf({}, { parallelism: () => 0 }))).toEqual({ cores: 1, source: 'machine' });
  });
});

describe('the working set', () => {
  it('is what the limiting group of version 2 uses, without inactive pages of files', () => {
    const files = {
      ...SERVICE_V2,
      '/sys/fs/cgroup/system.slice/memory.max': `${GB}\n`,
      '/sys/fs/cgroup/system.slice/memory.current': `${300 * MB}\n`,
      '/sys/fs/cgroup/system.slice/memory.stat': `anon 1\nfile 2\ninactive_file ${100 * MB}\nactive_file 3\n`,
      '/sys/fs/cgroup/system.slice/app.service/memory.current': `${50 * MB}\n`,
    };
    expect(workingSet(readerOf(files))).toBe(200 * MB);
  });

  const POD = '/sys/fs/cgroup/memory/kubepods/pod1';
  const pod = {
    ...POD_V1,
    [`${POD}/memory.limit_in_bytes`]: `${GB}\n`,
    [`${POD}/memory.usage_in_bytes`]: `${300 * MB}\n`,
    [`${POD}/memory.stat`]: `inactive_file 1\ntotal_inactive_file ${200 * MB}\n`,
  };

  it('is the same in version 1, with the pages of groups below', () => {
    expect(workingSet(readerOf(pod))).toBe(100 * MB);
  });

  it('reads only the group of a limit that is given', () => {
    const limit = memoryLimit(readerOf(pod));
    const read: string[] = [];
    const reader = readerOf(pod, {
      readFile: (path) => {
        read.push(path);
        return pod[path as never];
      },
    });
    expect(workingSet(reader, limit)).toBe(100 * MB);
    expect(read).toEqual([`${POD}/memory.usage_in_bytes`, `${POD}/memory.stat`]);
  });

  it('is never negative, and all that is used where the pages are not told apart', () => {
    expect(workingSet(readerOf({ ...pod, [`${POD}/memory.usage_in_bytes`]: `${MB}\n` }))).toBe(0);
    expect(workingSet(readerOf({ ...pod, [`${POD}/memory.stat`]: '' }))).toBe(300 * MB);
  });

  it('is absent without a group that sets a limit, or without its use', () => {
    expect(workingSet(readerOf({ ...CONTAINER_V2, '/sys/fs/cgroup/memory.current': `${GB}\n` }))).toBeUndefined();
    expect(workingSet(readerOf(pod), { bytes: GB, source: 'option' })).toBeUndefined();
    expect(workingSet(readerOf({ ...pod, [`${POD}/memory.usage_in_bytes`]: 'max' }))).toBeUndefined();
  });
});

describe('the limits of this process', () => {
  const reader = systemLimitReader();

  it('are sane', () => {
    const { bytes } = memoryLimit(reader);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(totalmem());
    const { cores } = cpuQuota(reader);
    expect(cores).toBeGreaterThan(0);
    expect(cores).toBeLessThanOrEqual(availableParallelism());
    expect(reader.heapLimit()).toBeGreaterThan(MB);
  });

  it('leave out files that are not there or can not be read', () => {
    expect(reader.readFile('/nowhere/memory.max')).toBeUndefined();
    expect(reader.readFile('/')).toBeUndefined();
  });
});

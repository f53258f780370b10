import { availableParallelism, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  cpuQuota,
  type LimitReader,
  memoryLimit,
  systemLimitReader,
  workingSet,
} from '../../src/core/resource-limits.js';

const MB = 2 ** 20;
const GB = 2 ** 30;
const TOTAL = 16 * GB;
/** 2^63 rounded down to a page: what version 1 says where there is no limit. */
const UNLIMITED_V1 = '9223372036854771712\n';

type Files = Readonly<Record<string, string>>;

function readerOf(files: Files, others: Partial<LimitReader> = {}): LimitReader {
  return {
    readFile: (path) => files[path],
    totalMemory: () => TOTAL,
    constrainedMemory: () => 0,
    parallelism: () => 8,
    heapLimit: () => 4 * GB,
    ...others,
  };
}

const V2_MOUNT = '25 20 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n';
/** In a container with a namespace of its own, on a host of version 2. */
const CONTAINER_V2 = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT };
const SERVICE_V2 = { '/proc/self/cgroup': '0::/system.slice/app.service\n', '/proc/self/mountinfo': V2_MOUNT };
const V1_MOUNTS = [
  '30 20 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '31 20 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
].join('\n');
const POD_V1 = {
  '/proc/self/cgroup': '5:memory:/kubepods/pod1/c1\n4:cpu,cpuacct:/kubepods/pod1/c1\n1:name=systemd:/init\n',
  '/proc/self/mountinfo': V1_MOUNTS,
};
const HYBRID = {
  '/proc/self/cgroup': '9:name=systemd:/\n4:memory:/app\n1:cpu:/\n0::/app\n',
  '/proc/self/mountinfo': `${V1_MOUNTS}\n33 20 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
};

describe('the memory limit', () => {
  const v2 = 'cgroup-v2';
  const v1 = 'cgroup-v1';

  it.each<[string, Files, number, string]>([
    [
      'in a container of its own namespace',
      { ...CONTAINER_V2, '/sys/fs/cgroup/memory.max': '536870912\n' },
      512 * MB,
      v2,
    ],
    [
      'of the group, on a host',
      { ...SERVICE_V2, '/sys/fs/cgroup/system.slice/app.service/memory.max': `${GB}\n` },
      GB,
      v2,
    ],
    [
      'of a group above, where that is lower',
      {
        ...SERVICE_V2,
        '/sys/fs/cgroup/system.slice/app.service/memory.max': `${2 * GB}\n`,
        '/sys/fs/cgroup/system.slice/memory.max': `${GB}\n`,
      },
      GB,
      v2,
    ],
    [
      'of the group, where the one above allows more',
      {
        ...SERVICE_V2,
        '/sys/fs/cgroup/system.slice/app.service/memory.max': `${GB}\n`,
        '/sys/fs/cgroup/system.slice/memory.max': `${2 * GB}\n`,
      },
      GB,
      v2,
    ],
    [
      'memory.high, where memory.max allows more',
      { ...CONTAINER_V2, '/sys/fs/cgroup/memory.max': `${GB}\n`, '/sys/fs/cgroup/memory.high': `${512 * MB}\n` },
      512 * MB,
      v2,
    ],
    [
      'at the mount, in a container that sees the paths of the host',
      {
        '/proc/self/cgroup': '0::/system.slice/docker-abc.scope\n',
        '/proc/self/mountinfo': '25 20 0:22 /system.slice/docker-abc.scope /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
        '/sys/fs/cgroup/memory.max': `${GB}\n`,
      },
      GB,
      v2,
    ],
    [
      'below the mount, where that is a group above',
      {
        '/proc/self/cgroup': '0::/docker/abc/worker\n',
        '/proc/self/mountinfo': '25 20 0:22 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
        '/sys/fs/cgroup/worker/memory.max': `${GB}\n`,
      },
      GB,
      v2,
    ],
    [
      'at a mount with a space in its path',
      {
        '/proc/self/cgroup': '0::/\n',
        '/proc/self/mountinfo': '25 20 0:22 / /my\\040groups rw - cgroup2 cgroup2 rw\n',
        '/my groups/memory.max': `${GB}\n`,
      },
      GB,
      v2,
    ],
    ['without a table of mounts', { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/memory.max': `${GB}\n` }, GB, v2],
    ['without a list of groups', { '/sys/fs/cgroup/memory.max': `${GB}\n` }, GB, v2],
    [
      'of a group outside of the namespace, at the mount',
      {
        ...CONTAINER_V2,
        '/proc/self/cgroup': '0::/../other\n',
        '/sys/fs/cgroup/memory.max': `${GB}\n`,
        '/sys/fs/cgroup/../other/memory.max': `${MB}\n`,
      },
      GB,
      v2,
    ],
    [
      'of version 1, at a mount of its own',
      {
        '/proc/self/cgroup': '4:memory:/app\n',
        '/proc/self/mountinfo': '31 20 0:31 / /groups/mem rw shared:7 - cgroup cgroup rw,memory\n',
        '/groups/mem/app/memory.limit_in_bytes': `${GB}\n`,
      },
      GB,
      v1,
    ],
    [
      'at the usual mount, where there are several',
      {
        '/proc/self/cgroup': '0::/app\n',
        '/proc/self/mountinfo': `24 20 0:22 / /host/groups rw - cgroup2 cgroup2 rw\n${V2_MOUNT}`,
        '/host/groups/app/memory.max': `${MB}\n`,
        '/sys/fs/cgroup/app/memory.max': `${GB}\n`,
      },
      GB,
      v2,
    ],
    ['of version 1', { ...POD_V1, '/sys/fs/cgroup/memory/kubepods/pod1/c1/memory.limit_in_bytes': `${GB}\n` }, GB, v1],
    [
      'of version 1, from a group above',
      {
        ...POD_V1,
        '/sys/fs/cgroup/memory/kubepods/pod1/c1/memory.limit_in_bytes': UNLIMITED_V1,
        '/sys/fs/cgroup/memory/kubepods/pod1/memory.limit_in_bytes': `${GB}\n`,
      },
      GB,
      v1,
    ],
    [
      'of version 1, from a group that can not be seen',
      {
        ...POD_V1,
        '/proc/self/mountinfo': '31 20 0:31 /kubepods/pod1/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': UNLIMITED_V1,
        '/sys/fs/cgroup/memory/memory.stat': `cache 5\nhierarchical_memory_limit ${GB}\nhierarchical_memsw_limit 1\n`,
      },
      GB,
      v1,
    ],
    [
      'of version 1, without a table of mounts',
      { '/proc/self/cgroup': '4:memory:/docker/abc\n', '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GB}\n` },
      GB,
      v1,
    ],
    [
      'of a hybrid system, whose memory is of version 1',
      { ...HYBRID, '/sys/fs/cgroup/memory/app/memory.limit_in_bytes': `${GB}\n` },
      GB,
      v1,
    ],
    [
      'of a hybrid system, whose memory is of version 2',
      { ...HYBRID, '/sys/fs/cgroup/unified/app/memory.max': `${GB}\n` },
      GB,
      v2,
    ],
    ['that is all there is', { ...CONTAINER_V2, '/sys/fs/cgroup/memory.max': `${TOTAL}\n` }, TOTAL, v2],
  ])('is found %s', (_, files, bytes, source) => {
    expect(memoryLimit(readerOf(files))).toMatchObject({ bytes, source });
  });

  it.each([
    ['max', 'max\n'],
    ['0', '0\n'],
    ['nothing', ''],
    ['nonsense', 'lots\n'],
    ['a negative number', '-1\n'],
    ['a number and more', '5 apples\n'],
    ['2^63 by the page', UNLIMITED_V1],
    ['2^64', '18446744073709551615\n'],
    ['more than there is', `${TOTAL + 1}\n`],
  ])('is what the machine has where the files say %s', (_, text) => {
    const v2Files = { ...CONTAINER_V2, '/sys/fs/cgroup/memory.max': text, '/sys/fs/cgroup/memory.high': text };
    expect(memoryLimit(readerOf(v2Files))).toEqual({ bytes: TOTAL, source: 'total' });
    const v1Files = {
      ...POD_V1,
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': text,
      '/sys/fs/cgroup/memory/memory.stat': `hierarchical_memory_limit ${text}`,
    };
    expect(memoryLimit(readerOf(v1Files))).toEqual({ bytes: TOTAL, source: 'total' });
  });

  it.each([undefined, 0, Number.NaN, 2 ** 53, 18446744073709552000, TOTAL + 1])(
    'is what the machine has where Node.js says %s',
    (constrained) => {
      const reader = readerOf({}, { constrainedMemory: () => constrained });
      expect(memoryLimit(reader)).toEqual({ bytes: TOTAL, source: 'total' });
    },
  );

  it('is what Node.js says where no control group limits it', () => {
    const constrained = { constrainedMemory: () => 2 * GB };
    expect(memoryLimit(readerOf({}, constrained))).toEqual({ bytes: 2 * GB, source: 'constrained' });
    const limited = readerOf({ ...CONTAINER_V2, '/sys/fs/cgroup/memory.max': `${3 * GB}\n` }, constrained);
    expect(memoryLimit(limited)).toMatchObject({ bytes: 3 * GB, source: v2 });
  });

  it('is the option before all, and no file is read', () => {
    const reader = readerOf({}, { readFile: () => expect.unreachable() });
    expect(memoryLimit(reader, 5 * MB)).toEqual({ bytes: 5 * MB, source: 'option' });
  });
});

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

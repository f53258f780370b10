import { describe, expect, it } from 'vitest';
import { memoryLimit } from '../../src/core/resource-limits.js';
import {
  CONTAINER_V2,
  type Files,
  GB,
  HYBRID,
  MB,
  POD_V1,
  readerOf,
  SERVICE_V2,
  TOTAL,
  UNLIMITED_V1,
  V2_MOUNT,
} from './control-groups.js';

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

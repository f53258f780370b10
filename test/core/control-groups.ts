import type { LimitReader } from '../../src/core/resource-limits.js';

export const MB = 2 ** 20;
export const GB = 2 ** 30;
/** What the machine has. */
export const TOTAL: number = 16 * GB;
/** 2^63 rounded down to a page: what version 1 says where there is no limit. */
export const UNLIMITED_V1 = '9223372036854771712\n';

export type Files = Readonly<Record<string, string>>;

export function readerOf(files: Files, others: Partial<LimitReader> = {}): LimitReader {
  return {
    readFile: (path) => files[path],
    totalMemory: () => TOTAL,
    constrainedMemory: () => 0,
    parallelism: () => 8,
    heapLimit: () => 4 * GB,
    ...others,
  };
}

export const V2_MOUNT = '25 20 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n';
/** In a container with a namespace of its own, on a host of version 2. */
export const CONTAINER_V2 = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': V2_MOUNT };
export const SERVICE_V2 = { '/proc/self/cgroup': '0::/system.slice/app.service\n', '/proc/self/mountinfo': V2_MOUNT };
const V1_MOUNTS = [
  '30 20 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '31 20 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
].join('\n');
export const POD_V1 = {
  '/proc/self/cgroup': '5:memory:/kubepods/pod1/c1\n4:cpu,cpuacct:/kubepods/pod1/c1\n1:name=systemd:/init\n',
  '/proc/self/mountinfo': V1_MOUNTS,
};
export const HYBRID = {
  '/proc/self/cgroup': '9:name=systemd:/\n4:memory:/app\n1:cpu:/\n0::/app\n',
  '/proc/self/mountinfo': `${V1_MOUNTS}\n33 20 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
};

/** Reads a file whole; `undefined` where there is none, or it may not be read. */
export interface FileReader {
  readFile(path: string): string | undefined;
}

/** Controllers whose limits bind a process. */
export type Controller = 'memory' | 'cpu';

/** Folders of this process's control groups: its own first, then those above it, up to the mount. Some may not exist. */
export interface ControlGroupFolders {
  readonly v2: readonly string[];
  readonly v1: readonly string[];
}

/** A mounted hierarchy, and which of its groups stands at the mount point. */
interface Mount {
  readonly root: string;
  readonly point: string;
}

type Version = keyof ControlGroupFolders;

/** Where hierarchies stand when the table of mounts does not say. */
const KNOWN_POINTS: Readonly<Record<Version, Readonly<Record<Controller, readonly string[]>>>> = {
  v2: {
    memory: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
    cpu: ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'],
  },
  v1: {
    memory: ['/sys/fs/cgroup/memory'],
    cpu: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/cpuacct,cpu'],
  },
};

/**
 * Finds the control groups that this process is in, of both versions: on a host, in a container that sees the paths of the host,
 * and in one with a namespace of its own.
 *
 * Sources: cgroups(7), cgroup_namespaces(7), proc(5) on mountinfo.
 */
export function controlGroupFolders(reader: FileReader, controller: Controller): ControlGroupFolders {
  const groups = reader.readFile('/proc/self/cgroup') ?? '';
  const table = reader.readFile('/proc/self/mountinfo') ?? '';
  const folders = (version: Version): string[] => {
    const group = groupPath(groups, version, controller);
    const mounts = mountsOf(table, version, controller);
    return [...new Set(mounts.flatMap((mount) => upwards(mount, group)))];
  };
  return { v2: folders('v2'), v1: folders('v1') };
}

/** The path of the process's group in a hierarchy; the root where it is not said. */
function groupPath(groups: string, version: Version, controller: Controller): string {
  for (const line of groups.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    const fits = version === 'v2' ? controllers === '' : controllers.split(',').includes(controller);
    if (fits) return path;
  }
  return '/';
}

/** The mount of a hierarchy: the usual one, where there are several. */
function mountsOf(table: string, version: Version, controller: Controller): readonly Mount[] {
  const found: Mount[] = [];
  for (const line of table.split('\n')) {
    const [place = '', system = ''] = line.split(' - ');
    const [, , , root, point] = place.split(' ');
    const [type, , options = ''] = system.split(' ');
    const fits = version === 'v2' ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(controller);
    if (fits && root && point) found.push({ root: plain(root), point: plain(point) });
  }
  const mount = found.find(({ point }) => point.startsWith('/sys/fs/cgroup')) ?? found[0];
  return mount ? [mount] : KNOWN_POINTS[version][controller].map((point) => ({ root: '/', point }));
}

/** Spaces and the like stand as octal numbers in the table of mounts. */
function plain(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

/** A container that sees the host's paths may have only its own group mounted: then that stands at the mount point. */
function upwards({ root, point }: Mount, group: string): string[] {
  const isBelow = root !== '/' && (group === root || group.startsWith(`${root}/`));
  const names = (isBelow ? group.slice(root.length) : group).split('/').filter((name) => name !== '');
  // A group outside of the namespace: its files can't be seen from here.
  if (names.includes('..')) return [point];
  return Array.from({ length: names.length + 1 }, (_, up) => [point, ...names.slice(0, names.length - up)].join('/'));
}

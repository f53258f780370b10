import type { SnapshotParts } from '../../src/memory/snapshot.js';
import { ManualClock } from '../manual-clock.js';

const MB = 2 ** 20;

/** What there is room in; figures in Mb. */
export interface Machine {
  readonly heap?: number;
  readonly rss?: number;
  readonly total?: number;
  readonly free?: number;
  readonly files?: Readonly<Record<string, string>>;
  /** In bytes. */
  readonly maxBytes?: number;
  readonly large?: number;
  readonly write?: (path: string) => void;
}

/** What a snapshot is taken with in a test: roomy, at a moment that stands still, and nothing is written. */
export function machine({
  heap = 100,
  rss = 200,
  total = 4_000,
  free = 1_000,
  large = 0,
  files = {},
  ...rest
}: Machine): SnapshotParts {
  return {
    clock: new ManualClock(1_700_000_000_000),
    reader: {
      heap: () => ({ usedBytes: heap * MB, committedBytes: heap * MB, limitBytes: 2_000 * MB, externalBytes: 0 }),
      oldGenerationBytes: () => heap * MB,
      rss: () => rss * MB,
      limits: {
        readFile: (path) => files[path],
        totalMemory: () => total * MB,
        constrainedMemory: () => undefined,
        parallelism: () => 1,
        heapLimit: () => 2_000 * MB,
      },
      watchCollections: () => () => {},
    },
    freeBytes: async () => free * MB,
    largeBytes: () => large * MB,
    write: () => {},
    ...rest,
  };
}

/** Files of a control group that sets a limit, in Mb. */
export function group({ limit, used }: { limit: number; used: number }): Readonly<Record<string, string>> {
  return {
    '/sys/fs/cgroup/memory.max': `${limit * MB}`,
    '/sys/fs/cgroup/memory.current': `${used * MB}`,
    '/sys/fs/cgroup/memory.stat': 'inactive_file 0\n',
  };
}

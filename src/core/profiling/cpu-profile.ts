import type { CallFrame } from './call-frame.js';
import type { StackNode } from './stack-tree.js';

/** A place in the tree of calls of a CPU profile. */
export interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** Ids of the functions called from here. */
  readonly children?: readonly number[] | undefined;
}

/**
 * A `.cpuprofile` file, as far as it is read here. Times are microseconds.
 *
 * Source: `Profiler.Profile` of the Chrome DevTools protocol.
 */
export interface CpuProfile {
  readonly nodes: readonly CpuProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Ids of the innermost function, sample by sample. */
  readonly samples?: readonly number[] | undefined;
  /** Time from the sample before; of the first one, from `startTime`. */
  readonly timeDeltas?: readonly number[] | undefined;
}

/**
 * The tree of calls with the microseconds spent in each function itself. What a sample found lasts until the next one, the last
 * until the end. What was before the first sample is nobody's: the profiler was starting.
 */
export function cpuStacks(profile: CpuProfile): readonly StackNode[] {
  const self = selfMicros(profile);
  const nodes = new Map<number, { frame: CallFrame; parent: StackNode | undefined; self: number }>();
  for (const { id, callFrame } of profile.nodes) {
    nodes.set(id, { frame: callFrame, parent: undefined, self: self.get(id) ?? 0 });
  }
  for (const { id, children = [] } of profile.nodes) {
    for (const child of children) {
      const node = nodes.get(child);
      if (node) node.parent = nodes.get(id);
    }
  }
  return [...nodes.values()];
}

function selfMicros({ startTime, endTime, samples = [], timeDeltas = [] }: CpuProfile): Map<number, number> {
  let at = startTime;
  const timeline = samples.map((id, i) => {
    at += timeDeltas[i] ?? 0;
    return { id, at };
  });
  // Deltas can be negative: the sampling thread and the JavaScript thread both add samples.
  timeline.sort((a, b) => a.at - b.at);
  const self = new Map<number, number>();
  timeline.forEach((sample, i) => {
    const micros = (timeline[i + 1]?.at ?? Math.max(endTime, sample.at)) - sample.at;
    self.set(sample.id, (self.get(sample.id) ?? 0) + micros);
  });
  return self;
}

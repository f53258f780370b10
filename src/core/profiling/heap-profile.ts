import type { CallFrame } from './call-frame.js';
import type { StackNode } from './stack-tree.js';

/** A place in the tree of calls of a sampling heap profile. */
export interface HeapProfileNode {
  readonly callFrame: CallFrame;
  /** Bytes allocated here during the profile, and still in use at its end: estimated from the samples. */
  readonly selfSize: number;
  readonly children: readonly HeapProfileNode[];
}

/**
 * A `.heapprofile` file, as far as it is read here.
 *
 * Source: `HeapProfiler.SamplingHeapProfile` of the Chrome DevTools protocol.
 */
export interface HeapProfile {
  readonly head: HeapProfileNode;
}

/** The tree of calls with the bytes allocated in each function itself. */
export function heapStacks(profile: HeapProfile): readonly StackNode[] {
  const nodes: StackNode[] = [];
  const waiting: { node: HeapProfileNode; parent: StackNode | undefined }[] = [
    { node: profile.head, parent: undefined },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { callFrame, selfSize, children } = next.node;
    const parent: StackNode = { frame: callFrame, parent: next.parent, self: selfSize };
    nodes.push(parent);
    for (const node of children) waiting.push({ node, parent });
  }
  return nodes;
}

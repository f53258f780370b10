import { type CallFrame, scriptPath } from '../../core/profiling/call-frame.js';
import { type CpuProfile, type CpuProfileNode, cpuStacks } from '../../core/profiling/cpu-profile.js';
import { type HeapProfile, type HeapProfileNode, heapStacks } from '../../core/profiling/heap-profile.js';
import type { HiddenFolders } from '../../core/profiling/hidden-folders.js';
import type { RecordedProfile } from '../../core/profiling/recording.js';
import { collapsedStacks, type ProfileRow, topFunctions } from '../../core/profiling/stack-tree.js';

/** What is kept of a profile. */
export interface ReadProfile {
  /** Content of the file: JSON as Chrome, VS Code and speedscope open it. */
  readonly text: string;
  readonly top: readonly ProfileRow[];
  /** Microseconds or bytes after each stack. */
  readonly collapsed: string;
}

const MICROS_PER_MS = 1_000;

/** Reads a profile. Folders that are to be hidden occur nowhere in what comes out. */
export function readProfile(recorded: RecordedProfile, hidden?: HiddenFolders): ReadProfile {
  const stacks = recorded.kind === 'cpu' ? cpuStacks(recorded.profile) : heapStacks(recorded.profile);
  return {
    text: JSON.stringify(hidden ? redacted(recorded, hidden) : recorded.profile),
    top: topFunctions(stacks, recorded.kind === 'cpu' ? MICROS_PER_MS : 1, hidden),
    collapsed: collapsedStacks(stacks, hidden),
  };
}

function redacted({ kind, profile }: RecordedProfile, hidden: HiddenFolders): CpuProfile | HeapProfile {
  const redactFrame = (frame: CallFrame): CallFrame => ({ ...frame, url: scriptPath(frame.url, hidden) });
  const redactHeap = (node: HeapProfileNode): HeapProfileNode => ({
    ...node,
    callFrame: redactFrame(node.callFrame),
    children: node.children.map(redactHeap),
  });
  const redactCpu = (node: CpuProfileNode): CpuProfileNode => ({ ...node, callFrame: redactFrame(node.callFrame) });
  if (kind === 'heap') return { ...profile, head: redactHeap(profile.head) };
  return { ...profile, nodes: profile.nodes.map(redactCpu) };
}

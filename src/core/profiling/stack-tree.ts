import { type CallFrame, frameLocator, frameName } from './call-frame.js';
import type { HiddenFolders } from './hidden-folders.js';

/** A place in the tree of calls, with what was spent in that function itself when called this way. */
export interface StackNode {
  readonly frame: CallFrame;
  readonly parent: StackNode | undefined;
  readonly self: number;
}

/** A function with all that was spent in itself, however it was called. */
export interface ProfileRow {
  readonly name: string;
  /** `file:line`, or `''` for native code. */
  readonly location: string;
  /** Milliseconds, or bytes. */
  readonly self: number;
  /** Of all, from 0 to 1. */
  readonly share: number;
  /** Of all that was not `(idle)`; `null` for `(idle)` itself. */
  readonly busyShare: number | null;
}

/** What V8 calls the time in which the process waited. */
const IDLE = '(idle)';
const ROOT = '(root)';
const MOST_ROWS = 20;
const MOST_FRAMES = 128;
const MOST_STACKS = 2_000;

/** The 20 functions that spent most, most first. `perUnit` of the nodes' figures make one of the rows'. */
export function topFunctions(nodes: readonly StackNode[], perUnit: number, hidden?: HiddenFolders): ProfileRow[] {
  const functions = new Map<string, { frame: CallFrame; self: number }>();
  let all = 0;
  let idle = 0;
  for (const { frame, self } of nodes) {
    if (self <= 0) continue;
    all += self;
    if (isIdle(frame)) idle += self;
    const { functionName, url, lineNumber, columnNumber } = frame;
    const id = `${lineNumber}:${columnNumber}:${functionName}@${url}`;
    const known = functions.get(id);
    if (known) known.self += self;
    else functions.set(id, { frame, self });
  }
  const locate = frameLocator(hidden);
  return [...functions.values()]
    .sort((a, b) => b.self - a.self)
    .slice(0, MOST_ROWS)
    .map(({ frame, self }) => ({
      name: frameName(frame),
      location: locate(frame),
      self: self / perUnit,
      share: self / all,
      busyShare: isIdle(frame) ? null : self / (all - idle),
    }));
}

/**
 * Stacks as flamegraph.pl and speedscope read them: one a line, outermost function first, then what was spent in the innermost:
 * `main (app.js:1);ask (ask.js:12) 5230`. Heaviest first, at most 2000; the rest is one line, `(other stacks)`. Of stacks deeper
 * than 128 the outermost calls are left out.
 */
export function collapsedStacks(nodes: readonly StackNode[], hidden?: HiddenFolders): string {
  const heaviest = nodes.filter(({ self }) => Math.round(self) > 0).sort((a, b) => b.self - a.self);
  const others = heaviest.slice(MOST_STACKS).reduce((sum, { self }) => sum + self, 0);
  const locate = frameLocator(hidden);
  const stacks = new Map<string, number>();
  for (const node of heaviest.slice(0, MOST_STACKS)) {
    const stack = stackText(node, locate);
    stacks.set(stack, (stacks.get(stack) ?? 0) + node.self);
  }
  if (others > 0) stacks.set('(other stacks)', others);
  return [...stacks].map(([stack, self]) => `${stack} ${Math.round(self)}\n`).join('');
}

function stackText(node: StackNode, locate: (frame: CallFrame) => string): string {
  const frames: string[] = [];
  let at: StackNode | undefined = node;
  for (; at && frames.length < MOST_FRAMES; at = at.parent) {
    if (at.parent || at.frame.functionName !== ROOT) frames.push(frameText(at.frame, locate(at.frame)));
  }
  if (at?.parent) frames.push('(truncated)');
  return frames.reverse().join(';') || ROOT;
}

/** A function name may be any text: a semicolon or a line break in it would pass for the next frame or stack. */
function frameText(frame: CallFrame, location: string): string {
  const name = frameName(frame);
  return (location === '' ? name : `${name} (${location})`).replaceAll(';', ',').replace(/\s+/g, ' ');
}

function isIdle({ functionName, url }: CallFrame): boolean {
  return functionName === IDLE && url === '';
}

import { describe, expect, it } from 'vitest';
import { type CallFrame, frameLocator, frameName, scriptPath } from '../../src/core/profiling/call-frame.js';
import type { CpuProfile } from '../../src/core/profiling/cpu-profile.js';
import type { HeapProfile, HeapProfileNode } from '../../src/core/profiling/heap-profile.js';
import { type ReadProfile, readProfile } from '../../src/monitor/profiling/recorded-profile.js';

function frame(functionName: string, url = '', line = 0): CallFrame {
  return { functionName, scriptId: '1', url, lineNumber: line - 1, columnNumber: url === '' ? -1 : 4 };
}

const readCpu = (profile: CpuProfile): ReadProfile => readProfile({ kind: 'cpu', profile });

/** main calls ask and parse; ask calls parse too. */
const TREE: CpuProfile['nodes'] = [
  { id: 1, callFrame: frame('(root)'), children: [2, 6, 7, 8] },
  { id: 2, callFrame: frame('main', 'file:///srv/app/main.js', 1), children: [3, 5] },
  { id: 3, callFrame: frame('ask', 'file:///srv/app/ask.js', 12), children: [4] },
  { id: 4, callFrame: frame('parse', 'file:///srv/app/parse.js', 3) },
  { id: 5, callFrame: frame('parse', 'file:///srv/app/parse.js', 3) },
  { id: 6, callFrame: frame('(idle)') },
  { id: 7, callFrame: frame('(program)') },
  { id: 8, callFrame: frame('(garbage collector)') },
];

describe('a CPU profile', () => {
  it('gives a sample the time until the next one, the last the time until the end, and nobody the time before the first', () => {
    const { top } = readCpu({
      nodes: TREE,
      startTime: 1_000_000,
      endTime: 1_017_000,
      samples: [3, 4, 5],
      // Taken at 5, 7 and 11 ms.
      timeDeltas: [5_000, 2_000, 4_000],
    });
    expect(top.map(({ name, self }) => [name, self])).toEqual([
      ['parse', 4 + 6],
      ['ask', 2],
    ]);
  });

  it('tells what is no function, and what part of the busy time was whose', () => {
    const { top } = readCpu({
      nodes: TREE,
      startTime: 0,
      endTime: 100_000,
      samples: [6, 4, 7, 8],
      timeDeltas: [0, 60_000, 20_000, 10_000],
    });
    expect(top).toEqual([
      { name: '(idle)', location: '', self: 60, share: 0.6, busyShare: null },
      { name: 'parse', location: '/srv/app/parse.js:3', self: 20, share: 0.2, busyShare: 0.5 },
      { name: '(program)', location: '', self: 10, share: 0.1, busyShare: 0.25 },
      { name: '(garbage collector)', location: '', self: 10, share: 0.1, busyShare: 0.25 },
    ]);
  });

  it('puts samples that came out of order into order', () => {
    const { top } = readCpu({
      nodes: TREE,
      startTime: 0,
      endTime: 10_000,
      samples: [2, 3, 5],
      // Taken at 0, 8 and 3 ms.
      timeDeltas: [0, 8_000, -5_000],
    });
    expect(Object.fromEntries(top.map(({ name, self }) => [name, self]))).toEqual({ main: 3, parse: 5, ask: 2 });
  });

  it('becomes stacks with the microseconds of the innermost function, heaviest first', () => {
    const { collapsed } = readCpu({
      nodes: TREE,
      startTime: 0,
      endTime: 1_000,
      samples: [2, 4, 5, 8, 4],
      timeDeltas: [0, 100, 400, 300, 50],
    });
    expect(collapsed).toBe(
      [
        'main (/srv/app/main.js:1);ask (/srv/app/ask.js:12);parse (/srv/app/parse.js:3) 550',
        'main (/srv/app/main.js:1);parse (/srv/app/parse.js:3) 300',
        'main (/srv/app/main.js:1) 100',
        '(garbage collector) 50',
        '',
      ].join('\n'),
    );
  });

  it('without samples has no rows and no stacks', () => {
    expect(readCpu({ nodes: TREE, startTime: 0, endTime: 0 })).toMatchObject({ top: [], collapsed: '' });
    const empty = readCpu({ nodes: TREE, startTime: 0, endTime: 5, samples: [], timeDeltas: [] });
    expect(empty).toMatchObject({ top: [], collapsed: '' });
  });

  it('that was idle throughout divides by nothing', () => {
    const { top } = readCpu({ nodes: TREE, startTime: 0, endTime: 5, samples: [6], timeDeltas: [0] });
    expect(top).toEqual([{ name: '(idle)', location: '', self: 0.005, share: 1, busyShare: null }]);
  });

  it('shows 20 functions and 2000 stacks at most, and loses no time by it', () => {
    const ids = Array.from({ length: 3_000 }, (_, i) => i + 2);
    const { top, collapsed } = readCpu({
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: ids },
        ...ids.map((id) => ({ id, callFrame: frame(`f${id}`, 'file:///a.js', id) })),
      ],
      startTime: 0,
      endTime: 3_000 * 10,
      samples: ids,
      timeDeltas: ids.map((_, i) => (i === 0 ? 0 : 10)),
    });
    expect(top).toHaveLength(20);
    const lines = collapsed.trimEnd().split('\n');
    expect(lines).toHaveLength(2_001);
    expect(lines.at(-1)).toBe('(other stacks) 10000');
  });

  it('of a deep recursion keeps the innermost 128 calls of a stack', () => {
    const ids = Array.from({ length: 400 }, (_, i) => i + 1);
    const { collapsed } = readCpu({
      nodes: ids.map((id) => ({
        id,
        callFrame: frame(id === 1 ? '(root)' : `f${id}`),
        children: id < 400 ? [id + 1] : [],
      })),
      startTime: 0,
      endTime: 10,
      samples: [400],
      timeDeltas: [0],
    });
    const frames = collapsed.trimEnd().split(';');
    expect(frames).toHaveLength(129);
    expect([frames[0], frames[1], frames.at(-1)]).toEqual(['(truncated)', 'f273', 'f400 10']);
  });

  it('keeps stacks apart whatever characters a function has in its name', () => {
    const { collapsed } = readCpu({
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2] },
        { id: 2, callFrame: frame('a;b\nc  9', 'file:///srv/x;y.js', 1) },
      ],
      startTime: 0,
      endTime: 7,
      samples: [2],
      timeDeltas: [0],
    });
    expect(collapsed).toBe('a,b c 9 (/srv/x,y.js:1) 7\n');
  });
});

describe('a heap profile', () => {
  const node = (callFrame: CallFrame, selfSize: number, ...children: HeapProfileNode[]): HeapProfileNode => ({
    callFrame,
    selfSize,
    children,
  });
  const load = frame('load', 'file:///srv/app/load.js', 9);
  const profile: HeapProfile = {
    head: node(
      frame('(root)'),
      0,
      node(
        frame('main', 'file:///srv/app/main.js', 1),
        1_000,
        node(load, 6_000),
        node(frame('', 'file:///srv/a.js', 2), 500),
      ),
      node(load, 2_500),
    ),
  };

  it('adds the bytes of a function up, however it was called', () => {
    expect(readProfile({ kind: 'heap', profile }).top).toEqual([
      { name: 'load', location: '/srv/app/load.js:9', self: 8_500, share: 0.85, busyShare: 0.85 },
      { name: 'main', location: '/srv/app/main.js:1', self: 1_000, share: 0.1, busyShare: 0.1 },
      { name: '(anonymous)', location: '/srv/a.js:2', self: 500, share: 0.05, busyShare: 0.05 },
    ]);
  });

  it('becomes stacks with bytes', () => {
    expect(readProfile({ kind: 'heap', profile }).collapsed.split('\n')).toEqual([
      'main (/srv/app/main.js:1);load (/srv/app/load.js:9) 6000',
      'load (/srv/app/load.js:9) 2500',
      'main (/srv/app/main.js:1) 1000',
      'main (/srv/app/main.js:1);(anonymous) (/srv/a.js:2) 500',
      '',
    ]);
  });

  it('shows no hidden folder, neither in the table nor in the stacks nor in the file', () => {
    const read = readProfile({ kind: 'heap', profile }, { cwd: '/srv/app', home: '/srv' });
    expect(read.top[0]).toMatchObject({ location: 'load.js:9' });
    expect(read.collapsed).toContain('main (main.js:1);(anonymous) (~/a.js:2) 500');
    expect(JSON.stringify(read)).not.toContain('srv');
    expect(JSON.parse(read.text).head.children[0]).toMatchObject({
      selfSize: 1_000,
      callFrame: { functionName: 'main', url: 'main.js' },
      children: [{ selfSize: 6_000 }, { callFrame: { url: '~/a.js' } }],
    });
  });
});

it('the file of a CPU profile without hidden folders has them replaced, and the rest as it was', () => {
  const profile: CpuProfile = { nodes: TREE, startTime: 0, endTime: 9, samples: [4], timeDeltas: [1] };
  const { text } = readProfile({ kind: 'cpu', profile }, { cwd: '/srv/app', home: '' });
  expect(text).not.toContain('srv');
  const urls = TREE.map(({ callFrame: { url } }) => url.replace('file:///srv/app/', ''));
  const nodes = TREE.map((node, i) => ({ ...node, callFrame: { ...node.callFrame, url: urls[i] } }));
  expect(JSON.parse(text)).toEqual({ ...profile, nodes });
  expect(JSON.parse(readCpu(profile).text)).toEqual(profile);
});

describe('where a function stands', () => {
  const locate = frameLocator();

  it.each([
    [frame('a', 'file:///srv/my%20app/a.js', 7), '/srv/my app/a.js:7'],
    [frame('a', '/srv/app/old.cjs', 7), '/srv/app/old.cjs:7'],
    [frame('a', 'file:///srv/app/a.js?v=3', 1), '/srv/app/a.js:1'],
    [frame('a', 'node:internal/timers', 573), 'node:internal/timers:573'],
    [frame('a', 'file:///srv/node_modules/pg/lib/client.js', 80), 'node_modules/pg/lib/client.js:80'],
    [frame('a', 'file:///srv/node_modules/.pnpm/pg@8/node_modules/pg/x.js', 1), 'node_modules/pg/x.js:1'],
    [frame('a', 'data:text/javascript,secret', 2), 'data::2'],
    [frame('a', 'file://%%%', 2), 'file://%%%:2'],
    [frame('a', 'wasm://wasm/1', 0), 'wasm://wasm/1'],
    [frame('(program)'), ''],
  ])('%j reads %s', (given, location) => {
    expect(locate(given)).toBe(location);
    expect(locate(given)).toBe(location);
  });

  it('is cut when the path is very long, and so is the name', () => {
    expect(locate(frame('a', `file:///${'x'.repeat(1_000)}/end.js`, 3))).toMatch(/^\.\.\.x+\/end\.js:3$/);
    expect(locate(frame('a', `file:///${'x'.repeat(1_000)}/end.js`, 3)).length).toBeLessThan(210);
    expect(frameName(frame('n'.repeat(1_000)))).toHaveLength(103);
  });

  it('hides a folder only with what is below it', () => {
    const hidden = { cwd: '/srv/app/', home: '/home/me' };
    expect(scriptPath('file:///srv/app/src/a.js', hidden)).toBe('src/a.js');
    expect(scriptPath('file:///srv/application/a.js', hidden)).toBe('/srv/application/a.js');
    expect(scriptPath('file:///home/me/lib/a.js', hidden)).toBe('~/lib/a.js');
    expect(scriptPath('node:fs', hidden)).toBe('node:fs');
  });

  it.each(['/', ''])('hides nothing for a folder of %j', (folder) => {
    expect(scriptPath('file:///srv/a.js', { cwd: folder, home: folder })).toBe('/srv/a.js');
  });
});

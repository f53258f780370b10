import { afterEach, describe, expect, test } from 'vitest';
import { hostFolder, runCli } from './run-cli.js';

interface Printed {
  readonly machine: string;
  readonly rows: readonly Record<string, string | number>[];
  readonly figures: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

const FAST = ['bench', 'cache', '--json', '--rounds', '1', '--slice', '1'];
const MANIFEST = JSON.stringify({ name: 'lru-cache', version: '9.9.9', type: 'module', exports: './index.js' });

function lruCache(answer: string): Record<string, string> {
  return {
    'node_modules/lru-cache/package.json': MANIFEST,
    'node_modules/lru-cache/index.js': `export class LRUCache {
      #held = new Map();
      #load;
      constructor({ fetchMethod }) { this.#load = fetchMethod; }
      async fetch(key) {
        if (!this.#held.has(key)) this.#held.set(key, await this.#load(key));
        return ${answer};
      }
    }`,
  };
}

describe('hotpath bench cache', () => {
  let host: ReturnType<typeof hostFolder> | undefined;
  afterEach(() => host?.remove());

  test('measures the floor and ours where no peer is installed, and names the peers that are missing', async () => {
    host = hostFolder();
    const run = await runCli(host.path, ...FAST);
    expect(run.stderr).toBe('');
    const printed = JSON.parse(run.stdout) as Printed;
    expect(printed.rows.map((row) => row['contestant'])).toEqual([
      'Map get',
      'quick-lru get',
      'quick-lru get, awaited',
      'hotpath peek',
      'hotpath getOrSet',
    ]);
    for (const row of printed.rows) expect(row['ns a hit']).toBeGreaterThan(0);
    expect(printed.machine).toContain(`Node ${process.versions.node}`);
    expect(printed.figures).not.toHaveProperty('getOrSetToLruCacheFetch');
    expect(printed.notes).toContain('lru-cache: not installed here, so not measured.');
    expect(printed.notes).toContain('bentocache: not installed here, so not measured.');
    expect(printed.notes.join()).toContain('every call timed is a hit');
  });

  test('finds a peer from the folder it is run in, with its version', async () => {
    host = hostFolder(lruCache('this.#held.get(key)'));
    const run = await runCli(host.path, ...FAST);
    const printed = JSON.parse(run.stdout) as Printed;
    expect(printed.rows).toContainEqual(expect.objectContaining({ contestant: 'lru-cache fetch', version: '9.9.9' }));
    expect(printed.figures['getOrSetToLruCacheFetch']).toBeGreaterThan(0);
  });

  test('times nothing when a contestant answers otherwise than the rest', async () => {
    host = hostFolder(lruCache('{ id: key }'));
    const run = await runCli(host.path, ...FAST);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('lru-cache fetch answers report:');
  });

  test('measures the policy asked for', async () => {
    host = hostFolder();
    const run = await runCli(host.path, ...FAST, '--policy', 'lru');
    expect((JSON.parse(run.stdout) as { title: string }).title).toBe("A hit in memory (policy 'lru')");
  });

  test('prints a Markdown table without --json', async () => {
    host = hostFolder();
    const run = await runCli(host.path, 'bench', '--rounds', '1', '--slice', '1');
    expect(run.stdout).toContain("## A hit in memory (policy 'cost')");
    expect(run.stdout).toMatch(/^\| hotpath getOrSet +\| \d+\.\d+\.\d+ +\| +[\d.,]+ \|/m);
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { CacheManager } from '../../../src/cache/index.js';
import { findRedis, type RedisServer } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader } from '../deferred.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const VERSIONS = 'hp1:{reports}:v';

/** The one block of docs/wire.md in that language. */
async function block(language: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/wire.md'), 'utf8');
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  expect(blocks).toHaveLength(1);
  return blocks[0]![1]!;
}

describeWith('invalidating by redis-cli, as docs/wire.md says', await findRedis({ private: true }), (start) => {
  let redis: RedisServer;
  let folder: string;
  let command: string;
  let nodes: CacheManager[];

  beforeAll(async () => {
    redis = await start();
    folder = await mkdtemp(join(tmpdir(), 'hotpath-wire-'));
    await writeFile(join(folder, 'invalidate-tags.lua'), await block('lua'));
    command = await block('sh');
  });
  afterAll(async () => {
    await redis?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    // No heartbeat within the test: what nodes learn, they learn by the message.
    const options = { namespace: 'reports', remote: redis.url, coordinator: { heartbeat: '1h' } } as const;
    nodes = [new CacheManager(options), new CacheManager(options)];
    await Promise.all(nodes.map((node) => node.ready()));
    await expect.poll(() => nodes.map((node) => node.stats().remote?.bus)).toEqual(['live', 'live']);
  });
  afterEach(() => Promise.all(nodes.map((node) => node.close())));

  /** Runs a command line that calls `redis-cli`, against the server of the test. */
  async function shell(line: string): Promise<string> {
    const script = `redis-cli() { command redis-cli -p ${redis.port} "$@"; }\n${line}`;
    const { stdout } = await run('bash', ['-c', script], { cwd: folder });
    return stdout.trim();
  }

  async function fill(): Promise<void> {
    for (const node of nodes) {
      await node.getOrSet('sales', () => 'old', { tags: ['table:sales'] });
      await node.getOrSet('customer', () => 'old', { tags: ['customer:7', 'x'] });
      await node.getOrSet('other', () => 'kept', { tags: ['table:other'] });
    }
    expect(nodes.map((node) => node.peek('sales'))).toEqual(['old', 'old']);
  }

  it('takes entries out of the memory of running nodes at once, and of the shared tier', async () => {
    await fill();
    const version = await shell(command);
    expect(version).toMatch(/^\d{16}$/);
    await expect.poll(() => nodes.map((node) => node.peek('sales'))).toEqual([undefined, undefined]);
    expect(nodes.map((node) => node.peek('customer'))).toEqual([undefined, undefined]);
    expect(nodes.map((node) => node.peek('other'))).toEqual(['kept', 'kept']);
    expect(await nodes[0]!.getOrSet('sales', () => 'new', { tags: ['table:sales'] })).toBe('new');
    expect(await nodes[1]!.getOrSet('sales', () => 'never', { tags: ['table:sales'] })).toBe('new');
    expect(await nodes[1]!.get('other')).toBe('kept');
    // Who comes later and heard no message reads the set.
    const late = new CacheManager({ namespace: 'reports', remote: redis.url });
    expect(await late.getMany(['customer', 'other'])).toEqual(new Map([['other', 'kept']]));
    await late.close();
  });

  it('refuses loads that were under way', async () => {
    const [node] = nodes as [CacheManager];
    const loader = new DeferredLoader();
    const loading = node.getOrSet('slow', loader.load, { tags: ['customer:7'] });
    await expect.poll(() => node.stats().loads).toBe(1);
    await shell(command);
    await expect.poll(() => node.stats().versions).toBeGreaterThan(0);
    loader.calls[0]!.resolve('old');
    expect(await loading).toBe('old');
    expect(await nodes[1]!.getOrSet('slow', () => 'new')).toBe('new');
    expect(await node.getOrSet('slow', () => 'newer')).toBe('new');
  });

  it('gives out greater versions each time, also above those of nodes and when the clock has stepped back', async () => {
    const first = Number(await shell(command));
    await nodes[0]!.invalidateTags(['x']);
    const ahead = (Date.now() + 3_600_000) * 1000;
    await shell(`redis-cli ZADD '${VERSIONS}' ${ahead} '!seq'`);
    expect(Number(await shell(command))).toBe(ahead + 1);
    expect(Number(await shell(command))).toBe(ahead + 2);
    expect(first).toBeLessThan(ahead);
    await shell(`redis-cli DEL '${VERSIONS}'`);
  });

  it('begins a lost set anew, as a node would: nothing from before is served', async () => {
    await fill();
    await shell(`redis-cli DEL '${VERSIONS}'`);
    await shell(command);
    await expect.poll(() => nodes.map((node) => node.peek('other'))).toEqual([undefined, undefined]);
    expect(await nodes[0]!.getOrSet('other', () => 'again')).toBe('again');
    expect(await nodes[1]!.get('other')).toBe('again');
  });
});

import { execFile } from 'node:child_process';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../src/cache/events.js';
import { CACHE_DEFAULTS } from '../../src/cache/index.js';
import { toMs } from '../../src/core/duration.js';
import { usePacked } from './use-packed.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { consumer } = usePacked();

describe('the README', () => {
  it('shows a quick start of about ten lines that runs as it stands in a project that has installed the package', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const quickStart = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(quickStart.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(14);
    // The values its comments promise are printed and compared.
    const calls = [...quickStart.matchAll(/^(await cachedPrice\('lamp'\));\s*\/\/ (\d+)/gm)];
    expect(calls.map(([, , value]) => Number(value))).toEqual([40, 45]);
    const script = quickStart.replace(/^(await cachedPrice\('lamp'\));/gm, 'console.log($1);');
    const file = join(consumer, 'quick-start.mts');
    await writeFile(file, script);
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsx'), [file], { cwd: consumer });
    expect(stdout.trim().split('\n')).toEqual(['40', '45']);
  });

  it('links to files and headings that exist, as do the docs', async () => {
    for (const page of ['README.md', 'CONTRIBUTING.md', ...(await docs())]) {
      const text = await readFile(join(ROOT, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
        const [path = '', heading] = target.split('#');
        const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
        const content = await readFile(file, 'utf8').catch(async () => String(await readdir(file)));
        if (heading) expect(headings(content), `${page} links to ${target}`).toContain(heading);
      }
    }
  });

  it('names files and folders that exist, as do the docs', async () => {
    const missing: string[] = [];
    let named = 0;
    for (const page of ['README.md', ...(await docs())]) {
      const text = await readFile(join(ROOT, page), 'utf8');
      for (const [, path = ''] of text.matchAll(/`((?:test|bench|src|examples)\/[^`\s]*)`/g)) {
        // Globs and alternatives stand for many.
        if (/[*?{}]/.test(path)) continue;
        named++;
        const isThere = await access(join(ROOT, path)).then(
          () => true,
          () => false,
        );
        if (!isThere) missing.push(`${page} names ${path}`);
      }
    }
    expect(named).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });
});

async function docs(): Promise<string[]> {
  const names = await readdir(join(ROOT, 'docs'));
  return names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
}

/** What links may name, numbered where a page has a heading more than once. */
function headings(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => {
    const name = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  });
}

describe('docs/cache.md', () => {
  it('states the defaults that the code has', async () => {
    const page = await readFile(join(ROOT, 'docs/cache.md'), 'utf8');
    // Options of the constructor; those of single calls stand above.
    const text = page.slice(page.indexOf('## Freshness'));
    const stated = (option: string): string => {
      const row = new RegExp(`^\\| \`${option.replaceAll('.', '\\.')}\`[^|]*\\|[^|]*\\| ([^|]+) \\|`, 'm').exec(text);
      return (row?.[1] ?? `no row for ${option}`).replaceAll('`', '').replaceAll("'", '');
    };
    const d = CACHE_DEFAULTS;
    expect(toMs('ttl', stated('ttl') as never)).toBe(d.ttl);
    expect(Number(stated('stale'))).toBe(d.stale);
    expect(Number(stated('negativeTtl'))).toBe(d.negativeTtl);
    expect(Number(stated('errorTtl'))).toBe(d.errorTtl);
    expect(Number(stated('earlyRefresh'))).toBe(d.earlyRefresh);
    expect(Number(stated('jitter'))).toBe(d.jitter);
    expect(Number(stated('maxRefreshes'))).toBe(d.maxRefreshes);
    expect(Number(stated('loader.softDeadline'))).toBe(d.loader.softDeadline);
    expect(stated('loader.hardDeadline')).toBe('none');
    expect(d.loader.hardDeadline).toBe(Number.POSITIVE_INFINITY);
    expect(
      stated('loader.backoff')
        .split(', ')
        .map((text) => toMs('backoff', text as never)),
    ).toEqual([d.loader.backoff, d.loader.maxBackoff]);
    expect(Number(stated('memory.maxEntries').replace('_', ''))).toBe(d.memory.maxEntries);
    expect(stated('memory.maxBytes')).toBe('none');
    expect(d.memory.maxBytes).toBe(Number.POSITIVE_INFINITY);
    expect(stated('memory.policy')).toBe(d.memory.policy);
    expect(stated('namespace')).toBe(d.namespace);
    expect(Number(stated('version'))).toBe(d.version);
    expect(Number(stated('mutationSample'))).toBe(d.mutationSample);
    const ms = (option: string): number => toMs(option, stated(option) as never);
    for (const name of Object.keys(d.remote) as (keyof typeof d.remote)[]) {
      if (name === 'breaker') continue;
      const said = name === 'compressAbove' ? Number(stated(`remote.${name}`).replace('_', '')) : ms(`remote.${name}`);
      expect(said, `remote.${name}`).toBe(d.remote[name]);
    }
    expect(Number(stated('remote.breaker.consecutive'))).toBe(d.remote.breaker.consecutive);
    expect(Number(stated('remote.breaker.failureRate'))).toBe(d.remote.breaker.failureRate);
    expect(ms('remote.breaker.cooldown')).toBe(d.remote.breaker.cooldown);
    expect(ms('remote.breaker.maxCooldown')).toBe(d.remote.breaker.maxCooldown);
    expect(Object.keys(d.remote.breaker)).toHaveLength(4);
    for (const name of Object.keys(d.coordinator) as (keyof typeof d.coordinator)[]) {
      expect(ms(`coordinator.${name}`), `coordinator.${name}`).toBe(d.coordinator[name]);
    }
  });

  it('names every event and every reason', async () => {
    const page = await readFile(join(ROOT, 'docs/cache.md'), 'utf8');
    const events = await readFile(join(ROOT, 'src/cache/events.ts'), 'utf8');
    const reasons = [...events.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, name = '']) => name);
    expect(reasons.length).toBeGreaterThan(15);
    for (const name of [...EVENT_NAMES, ...reasons]) expect(page).toContain(`\`${name}\``);
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { toMs } from '../../src/core/duration.js';
import {
  LEAK_DEFAULTS,
  MEMORY_DEFAULTS,
  MemoryManager,
  MONITOR_MEMORY_DEFAULTS,
  monitorMemory,
} from '../../src/memory/index.js';
import { EVENT_NAMES } from '../../src/memory/memory-events.js';
import { namesIn, Page } from './documentation-page.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const wrong = { nonsense: 1 } as never;

let page: Page;
beforeAll(async () => {
  page = new Page(await readFile(join(ROOT, 'docs/memory.md'), 'utf8'));
});

function expectDefault(stated: string | undefined, name: string, value: unknown): void {
  if (typeof value === 'string' && /^\d/.test(value))
    expect(toMs(name, stated as never), name).toBe(toMs(name, value as never));
  else if (typeof value === 'object') expect(stated, name).toBe(Object.values(value as object).join(', '));
  else expect(stated, name).toBe(String(value));
}

/** A section from its table of options on. */
function optionsOf(section: string): string {
  const text = page.section(section);
  return text.slice(text.indexOf('\n| option |'));
}

async function fieldsOf(file: string, type: string): Promise<string[]> {
  const source = await readFile(join(ROOT, 'src/memory', file), 'utf8');
  const body = new RegExp(`interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/^ {2}readonly (\w+)\??: /gm)].map(([, field = '']) => field);
}

describe('docs/memory.md', () => {
  it('states the defaults that the code has', () => {
    for (const [name, value] of Object.entries(MEMORY_DEFAULTS)) {
      expectDefault(page.row(page.section('Options'), name)[1], name, value);
    }
    for (const [name, value] of Object.entries(LEAK_DEFAULTS)) {
      expectDefault(page.row(page.section('Leaks'), name)[1], name, value);
    }
    for (const [name, value] of Object.entries(MONITOR_MEMORY_DEFAULTS)) {
      expectDefault(page.row(optionsOf('Memory of a call'), name)[1], name, value);
    }
    const { elevated, high, critical } = MEMORY_DEFAULTS.levels;
    for (const [name, value] of Object.entries({ elevated, high, critical })) {
      expectDefault(page.row(page.section('Levels'), name)[1], name, value);
    }
  });

  it('has a row for every option, and for no other', async () => {
    const memory = new MemoryManager();
    const rows = (section: string): string[] => page.rowNames(optionsOf(section));
    expect(rows('Options').sort()).toEqual(namesIn(() => new MemoryManager(wrong)).sort());
    const leaks = namesIn(() => memory.watchLeaks(wrong));
    expect(
      rows('Leaks')
        .filter((name) => leaks.includes(name))
        .sort(),
    ).toEqual(leaks.sort());
    const calls = namesIn(() => monitorMemory(memory, wrong));
    expect(
      rows('Memory of a call')
        .filter((name) => calls.includes(name))
        .sort(),
    ).toEqual(calls.sort());
    await memory.close();
  });

  it('has a row for every event with its data, every figure, every outcome and every doubt', async () => {
    const section = page.section('Events, figures');
    for (const name of EVENT_NAMES) expect(page.row(section, name), name).toBeDefined();
    const described: readonly (readonly [event: string, file: string, type: string])[] = [
      ['level', 'memory-events.ts', 'LevelChange'],
      ['trim', 'memory-events.ts', 'Trim'],
      ['gc', 'memory-events.ts', 'ForcedCollection'],
      ['leak', 'leaks/leak-report.ts', 'LeakReport'],
      ['leak:profile', 'leaks/leak-report.ts', 'LeakProfile'],
    ];
    for (const [event, file, type] of described) {
      const fields = await fieldsOf(file, type);
      expect(fields.length, type).toBeGreaterThan(2);
      for (const field of fields) expect(page.row(section, event)[1], event).toMatch(new RegExp(`\\b${field}\\b`));
    }
    const memory = new MemoryManager();
    const stats = page.rowNames(section.slice(section.indexOf('| `stats()`')));
    expect(stats.sort()).toEqual(Object.keys(memory.stats()).sort());
    const usage = page.rowNames(page.section('What is measured'));
    expect(usage.sort()).toEqual(Object.keys(memory.checkMemoryUsage()).sort());
    await memory.close();
    const doubts = await readFile(join(ROOT, 'src/memory/leaks/leak-verdict.ts'), 'utf8');
    const kinds = [...doubts.matchAll(/^ \* - `([a-z-]+)`/gm)].map(([, kind = '']) => kind);
    expect(kinds.length).toBeGreaterThan(5);
    for (const kind of kinds) expect(page.section('Leaks'), kind).toContain(`| \`${kind}\` |`);
  });
});

import type { Reporter, TestModule } from 'vitest/node';

/**
 * Seconds the files of each part may take on two cores, added up, two running at a time: the clock on the wall shows some six tenths
 * of it. By folder under test/, the deepest one that is named. Longer forms belong to `npm run nightly`.
 */
export const BUDGETS: readonly {
  readonly part: string;
  readonly folders: readonly string[];
  readonly seconds: number;
}[] = [
  { part: 'core + cache', folders: ['core', 'cache', 'cli'], seconds: 90 },
  { part: 'shared tier', folders: ['cache/remote'], seconds: 90 },
  { part: 'chaos', folders: ['chaos'], seconds: 75 },
  { part: 'services', folders: ['services'], seconds: 30 },
  { part: 'monitor', folders: ['monitor', 'otel'], seconds: 115 },
  { part: 'async', folders: ['async'], seconds: 60 },
  { part: 'memory', folders: ['memory'], seconds: 75 },
  { part: 'sql', folders: ['sql'], seconds: 90 },
  { part: 'sql-cache', folders: ['sql-cache'], seconds: 45 },
  { part: 'advisor', folders: ['advisor'], seconds: 45 },
  { part: 'llm', folders: ['llm', 'text', 'vector'], seconds: 60 },
  { part: 'package', folders: ['package', 'types'], seconds: 60 },
];

/** The part a test file counts to. A folder nobody listed is a part of its own, without a budget. */
export function partOf(file: string): { part: string; seconds?: number } {
  const folders = /(?:^|\/)test\/(.+)\/[^/]*$/.exec(file)?.[1]?.split('/') ?? ['other'];
  for (let depth = folders.length; depth > 0; depth--) {
    const folder = folders.slice(0, depth).join('/');
    const budget = BUDGETS.find((each) => each.folders.includes(folder));
    if (budget) return budget;
  }
  return { part: folders[0]! };
}

/** Prints what each part took beside its budget, after the summary. */
export class BudgetReporter implements Reporter {
  readonly #spent = new Map<string, { ms: number; seconds?: number }>();

  onTestModuleEnd(module: TestModule): void {
    const { duration, collectDuration, environmentSetupDuration, prepareDuration, setupDuration } = module.diagnostic();
    const ms = duration + collectDuration + environmentSetupDuration + prepareDuration + setupDuration;
    this.#add(module.moduleId.replaceAll('\\', '/'), ms);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const setup = modules.map((module) => module.project.getProvidedContext().packed).find((packed) => packed);
    if (setup && 'tookMs' in setup) this.#add('test/package/packed.ts', setup.tookMs);
    console.log('\n  time by part, files added up (two run at a time, those of the package one)');
    for (const [part, { ms, seconds }] of this.#spent) {
      const spent = `${(ms / 1000).toFixed(1).padStart(6)} s`;
      const budget = seconds === undefined ? '' : ` of ${seconds} s${ms > seconds * 1000 ? '   OVER BUDGET' : ''}`;
      console.log(`  ${part.padEnd(14)}${spent}${budget}`);
    }
  }

  #add(file: string, ms: number): void {
    const { part, ...budget } = partOf(file);
    this.#spent.set(part, { ...budget, ms: (this.#spent.get(part)?.ms ?? 0) + ms });
  }
}

import { transform } from 'esbuild';
import { defineConfig, type Plugin } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { dashboardClientForVite } from './build/dashboard-client.mjs';
import { BudgetReporter } from './test/budgets.js';
import { SkippedTestsReporter } from './test/skipped-tests.js';

/** The test files that apply decorators. Explicit, because lowering everything twice would cost seconds. */
const STANDARD_DECORATORS = /\.decorators\.test\.ts$/;
const LEGACY_DECORATORS = /\.legacy\.test\.ts$/;

/** Vite 8 does not lower standard decorators, and reads legacy ones only from the root tsconfig: esbuild does both. */
const lowerDecorators: Plugin = {
  name: 'lower-decorators',
  enforce: 'pre',
  async transform(code, id) {
    const legacy = LEGACY_DECORATORS.test(id);
    if (!legacy && !STANDARD_DECORATORS.test(id)) return null;
    const result = await transform(code, {
      loader: 'ts',
      target: 'node20',
      sourcefile: id,
      sourcemap: true,
      tsconfigRaw: { compilerOptions: legacy ? { experimentalDecorators: true } : {} },
    });
    return { code: result.code, map: result.map };
  },
};

/** The longest file is a small one that names suites, and waits most of its time. */
const LONGEST = '/test/chaos/failures.test.ts';

/** Vitest begins with large files where it has no times yet: the longest would begin last, and run alone. */
class LongestFirst extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specifications);
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(LONGEST);
    return [...sorted.filter(isLongest), ...sorted.filter((each) => !isLongest(each))];
  }
}

// Groups run one after the other: the package checks build, pack and compile, and must not starve the rest on two cores.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SkippedTestsReporter(), new BudgetReporter()],
    projects: [
      {
        plugins: [lowerDecorators, dashboardClientForVite()],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/package/**', '**/node_modules/**'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
          // By default vitest keeps a core for itself: of two, one would stand idle while tests wait.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: 'test/types/tsconfig.json',
          },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/packed.ts'],
          fileParallelism: false,
          // Compilers side by side, one a core.
          maxConcurrency: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

import type { Reporter, TestModule } from 'vitest/node';

/** A filter such as `-t` skips hundreds of tests on purpose; nobody wants to read their names. */
const MOST_NAMES = 40;

/** Prints what was skipped by name, with the reason where the test gave one, so that a green run says what it did not run. */
export class SkippedTestsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => {
        const result = test.result();
        const reason = result.state === 'skipped' && result.note ? `: ${result.note}` : '';
        return `  ${module.relativeModuleId} > ${test.fullName}${reason}`;
      }),
    );
    if (lines.length === 0) return;
    console.log(`\n  skipped: ${lines.length}`);
    for (const line of lines.slice(0, MOST_NAMES)) console.log(line);
    if (lines.length > MOST_NAMES) console.log(`  ... and ${lines.length - MOST_NAMES} more`);
  }
}

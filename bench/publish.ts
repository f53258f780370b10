import { machineLine } from '../src/cli/machine.js';
import { type Report, toMarkdown } from '../src/cli/report.js';

export interface BenchOptions {
  /** Fewer rounds, shorter slices: to see that a bench works, not to quote a figure. */
  readonly quick: boolean;
}

/** Runs a bench and prints its report: Markdown, or with `--json` one object. */
export async function publish(measure: (options: BenchOptions) => Promise<Report>): Promise<void> {
  const quick = process.argv.includes('--quick');
  const report = await measure({ quick });
  const machine = machineLine() + (quick ? ', quick run' : '');
  const isJson = process.argv.includes('--json');
  process.stdout.write(
    isJson ? `${JSON.stringify({ machine, ...report })}\n` : `${toMarkdown(report)}\n${machine}\n\n`,
  );
}

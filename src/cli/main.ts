#!/usr/bin/env node
import { benchCommand } from './bench-command.js';
import { UsageError } from './usage-error.js';

const HELP = `Usage: hotpath <command>

Commands:
  bench [module]   measure hotpath and its peers on this machine, or a function of your own
  help             print this text

hotpath <command> --help says more about a command.
`;

async function main(argv: readonly string[]): Promise<void> {
  const [command, ...rest] = argv;
  const print = (text: string): void => {
    process.stdout.write(text);
  };
  if (command === 'bench') return benchCommand(rest, process.cwd(), print);
  if (command === 'help' || command === '--help' || command === '-h') return print(HELP);
  throw new UsageError(command ? `There is no command called ${command}.` : 'Which command? There is: bench.');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  process.stderr.write(isUsage ? `hotpath: ${error.message}\nRun hotpath --help.\n` : `hotpath: ${describe(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
});

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

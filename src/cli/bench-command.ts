import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CACHE_DEFAULTS, CacheManager } from '../cache/index.js';
import { benchMemoryHits, type CacheBenchSubject } from './cache-bench.js';
import type { Policy } from './cache-contestants.js';
import type { ContestOptions } from './contest.js';
import { benchHostFunction, loadHostFunction } from './host-function.js';
import { machineLine } from './machine.js';
import { manifestVersion, packageRootOf, packagesOf } from './package-source.js';
import { type Report, toMarkdown } from './report.js';
import { UsageError } from './usage-error.js';

export const BENCH_HELP = `Usage: hotpath bench [module] [options]

Measures on this machine: the floor (the bare store), hotpath, and the peers that are installed in this folder.

Modules:
  cache                 a hit in memory: getOrSet and peek (default)

Options:
  --module <file>       measure your own function instead: bare, and wrapped by cacheResult
  --export <name>       which export of that file (default: default)
  --args <json>         its arguments as a JSON array (default: [])
  --rounds <n>          interleaved rounds that count (default: 7)
  --slice <ms>          length of one slice in milliseconds (default: 150)
  --policy <name>       cost or lru (default: that of CacheManager, cost)
  --json                print one JSON object instead of Markdown
  --help                print this text

With --module the bare function is called again and again for about rounds x slice milliseconds: name one that may be.
`;

/** `hotpath bench`: prints a report of what was measured. */
export async function benchCommand(
  argv: readonly string[],
  folder: string,
  print: (text: string) => void,
): Promise<void> {
  const { values, positionals } = parse(argv);
  if (values.help) return print(BENCH_HELP);
  const [module = 'cache', ...rest] = positionals;
  if (module !== 'cache' || rest.length > 0) {
    throw new UsageError(`There is no bench called ${[module, ...rest].join(' ')}. There is: cache.`);
  }
  const options: ContestOptions = {
    rounds: count('--rounds', values.rounds),
    sliceMs: count('--slice', values.slice),
  };
  const report = values.module
    ? await hostReport(folder, values.module, values.export, values.args, options)
    : await cacheReport(folder, policyOf(values.policy), options);
  const machine = machineLine();
  print(values.json ? `${JSON.stringify({ machine, ...report }, null, 2)}\n` : `${toMarkdown(report)}\n${machine}\n`);
}

async function cacheReport(folder: string, policy: Policy, options: ContestOptions): Promise<Report> {
  const here = fileURLToPath(import.meta.url);
  const root = packageRootOf(here);
  const subject: CacheBenchSubject = {
    CacheManager,
    version: (root && manifestVersion(root)) ?? '?',
    quickLruVersion: packagesOf(dirname(here)).version('quick-lru'),
    packages: packagesOf(folder),
  };
  return benchMemoryHits(subject, policy, options);
}

async function hostReport(
  folder: string,
  module: string,
  name: string,
  args: string,
  options: ContestOptions,
): Promise<Report> {
  return benchHostFunction(await loadHostFunction(folder, module, name), name, argumentsOf(args), options);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        module: { type: 'string' },
        export: { type: 'string', default: 'default' },
        args: { type: 'string', default: '[]' },
        rounds: { type: 'string', default: '7' },
        slice: { type: 'string', default: '150' },
        policy: { type: 'string', default: CACHE_DEFAULTS.memory.policy },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function argumentsOf(json: string): readonly unknown[] {
  try {
    const args: unknown = JSON.parse(json);
    if (Array.isArray(args)) return args;
  } catch {
    // Named below, together with JSON that is no array.
  }
  throw new UsageError(
    `--args takes a JSON array of arguments, as in --args '["report:1", { "limit": 10 }]'; it got ${json}`,
  );
}

function policyOf(name: string): Policy {
  if (name === 'lru' || name === 'cost') return name;
  throw new UsageError(`--policy takes cost or lru; it got ${name}`);
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`${option} takes a whole number above 0; it got ${text}`);
}

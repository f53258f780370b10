import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostFolder, runCli } from './run-cli.js';

describe('the command line', () => {
  let host: ReturnType<typeof hostFolder>;
  beforeAll(() => {
    host = hostFolder({ 'functions.mjs': 'export function price() { return 1; }\nexport const rate = 2;\n' });
  });
  afterAll(() => host.remove());

  test.each([
    [['--help'], 'Usage: hotpath <command>'],
    [['help'], 'Usage: hotpath <command>'],
    [['bench', '--help'], 'Usage: hotpath bench'],
  ])('%j prints help and succeeds', async (args, text) => {
    const run = await runCli(host.path, ...args);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain(text);
  });

  test.each([
    [[], 'Which command?'],
    [['advice'], 'no command called advice'],
    [['bench', 'sql'], 'no bench called sql'],
    [['bench', 'cache', 'llm'], 'no bench called cache llm'],
    [['bench', '--fast'], '--fast'],
    [['bench', '--rounds', 'many'], '--rounds takes a whole number above 0; it got many'],
    [['bench', '--slice', '0'], '--slice takes a whole number above 0; it got 0'],
    [['bench', '--policy', 'fifo'], '--policy takes cost or lru; it got fifo'],
    [['bench', '--module', './none.mjs'], '--module ./none.mjs could not be loaded'],
    [['bench', '--module', './functions.mjs', '--export', 'rate'], 'Functions it exports: price'],
    [['bench', '--module', './functions.mjs', '--export', 'price', '--args', '{}'], '--args takes a JSON array'],
    [['bench', '--module', './functions.mjs', '--export', 'price', '--args', '[1'], '--args takes a JSON array'],
  ])('%j is refused with exit code 2 and says why', async (args, message) => {
    const run = await runCli(host.path, ...args);
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });
});

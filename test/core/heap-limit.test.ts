import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { oldGenerationLimit } from '../../src/core/heap-limit.js';

const MB = 2 ** 20;
const run = promisify(execFile);
const MODULE = fileURLToPath(new URL('../../src/core/heap-limit.ts', import.meta.url));

describe('the limit of the heap', () => {
  // What Node 20 says under these flags, and with containers of 512 Mb to 4 Gb.
  test.each<[heapSizeLimitMb: number, flags: string[], limitMb: number]>([
    [304, ['--max-old-space-size=256'], 256],
    [304, ['--max_old_space_size=256'], 256],
    [448, ['--max-old-space-size=256', '--max-semi-space-size=64'], 256],
    [304, ['--max-old-space-size=4000', '--max-old-space-size=256'], 256],
    [4_288, ['--max-semi-space-size=64'], 4_096],
    [4_144, [], 4_096],
    [2_096, [], 2_048],
    [1_048, [], 1_024],
    [524, [], 512],
    [4_144, ['--max-old-space-size=lots'], 4_096],
    // Of a V8 that counts otherwise.
    [100, ['--max-semi-space-size=64'], 100],
    [100, ['--max-old-space-size=256'], 100],
  ])('is that of the old generation: of %d Mb with %j, %d', (heapSizeLimitMb, flags, limitMb) => {
    expect(oldGenerationLimit({ heapSizeLimit: heapSizeLimitMb * MB, flags }) / MB).toBeCloseTo(limitMb, 5);
  });

  test('is what a worker thread was given', () => {
    const flags = ['--max-old-space-size=400'];
    expect(oldGenerationLimit({ heapSizeLimit: 112 * MB, flags, workerYoungMb: 12 })).toBe(100 * MB);
    expect(oldGenerationLimit({ heapSizeLimit: 304 * MB, flags, workerYoungMb: 48 })).toBe(256 * MB);
  });

  test('is read of the process, its flags and NODE_OPTIONS', async () => {
    const script = `import { heapLimitBytes } from ${JSON.stringify(MODULE)}; console.log(heapLimitBytes() / 2 ** 20);`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const [flag, variable] = await Promise.all([
      run(process.execPath, ['--max-old-space-size=300', ...args]),
      run(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '"--max-old-space-size=400"' } }),
    ]);
    expect([Number(flag.stdout), Number(variable.stdout)]).toEqual([300, 400]);
  });

  test('is read of a worker thread', async () => {
    const script = `
      import { Worker } from 'node:worker_threads';
      import { heapLimitBytes } from ${JSON.stringify(MODULE)};
      new Worker(\`
        import('tsx/esm/api').then(({ tsImport }) => tsImport(${JSON.stringify(MODULE)}, 'file:///')).then(({ heapLimitBytes }) =>
          console.log(heapLimitBytes() / 2 ** 20));\`, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 123 } });`;
    const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
    expect(Number(stdout)).toBe(123);
  });
});

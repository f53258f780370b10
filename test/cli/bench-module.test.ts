import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostFolder, runCli } from './run-cli.js';

interface Printed {
  readonly title: string;
  readonly about: string;
  readonly figures: { readonly bareNs: number; readonly wrappedNs: number; readonly loaderRuns: number };
  readonly notes: readonly string[];
}

const MODULE = `
let calls = 0;
export default async function (a, b) { await new Promise((done) => setTimeout(done, 5)); return a + b.c; }
export const random = () => ++calls;
export const nothing = () => undefined;
export const failing = () => { throw new Error('the database is away'); };
`;

describe('hotpath bench --module', () => {
  let host: ReturnType<typeof hostFolder>;
  beforeEach(() => {
    host = hostFolder({ 'my.mjs': MODULE });
  });
  afterEach(() => host.remove());

  async function bench(...args: readonly string[]): Promise<Printed> {
    const run = await runCli(
      host.path,
      'bench',
      '--module',
      './my.mjs',
      '--json',
      '--rounds',
      '1',
      '--slice',
      '1',
      ...args,
    );
    expect(run.stderr).toBe('');
    return JSON.parse(run.stdout) as Printed;
  }

  test('measures the default export bare and wrapped, with the arguments given', async () => {
    const printed = await bench('--args', '[1, { "c": 2 }]');
    expect(printed.title).toBe('default: bare and wrapped');
    expect(printed.about).toContain('[1,{"c":2}]');
    // The function sleeps for 5 ms; timers may fire a little early.
    expect(printed.figures.bareNs).toBeGreaterThan(4e6);
    expect(printed.figures.wrappedNs).toBeLessThan(printed.figures.bareNs);
    expect(printed.figures.loaderRuns).toBe(1);
    expect(printed.notes).toEqual(['Wrapped, the function ran once; every other call was a hit.']);
  });

  test('says when a function gives another result each time', async () => {
    const printed = await bench('--export', 'random');
    expect(printed.notes.join()).toContain('Two calls with equal arguments gave different results');
  });

  test('says when a result is not kept', async () => {
    const printed = await bench('--export', 'nothing');
    expect(printed.figures.loaderRuns).toBeGreaterThan(1);
    expect(printed.notes.join()).toContain('its result is not kept');
  });

  test('passes on the error of a function that fails', async () => {
    const run = await runCli(host.path, 'bench', '--module', './my.mjs', '--export', 'failing');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('the database is away');
  });
});

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import * as asyncModule from '../../src/async/index.js';
import {
  ASYNC_DEFAULTS,
  AsyncProcessor,
  BATCHER_DEFAULTS,
  failureOf,
  limited,
  MODEL_FETCH_DEFAULTS,
  OBSERVE_POOL_DEFAULTS,
} from '../../src/async/index.js';
import { WORK_NAMES } from '../../src/async/resolve-work.js';
import { toMs } from '../../src/core/duration.js';
import { namesIn, Page } from './documentation-page.js';
import { usePacked } from './use-packed.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { consumer } = usePacked();

let page: Page;
let snippets: string[];
beforeAll(async () => {
  page = new Page(await readFile(join(ROOT, 'docs/async.md'), 'utf8'));
  snippets = [...page.text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
});

/** Where a default stands in `ASYNC_DEFAULTS`, by the option's name on the page. */
const DEFAULTS: Readonly<Record<string, keyof typeof ASYNC_DEFAULTS>> = {
  concurrency: 'concurrency',
  'concurrency.min': 'minConcurrency',
  'concurrency.initial': 'initialConcurrency',
  'concurrency.backoff': 'adaptiveBackoff',
  'retry.attempts': 'retryAttempts',
  'retry.backoff': 'retryBackoff',
  'retry.maxBackoff': 'retryMaxBackoff',
  'retry.maxRetryAfter': 'retryMaxRetryAfter',
  'retry.maxElapsed': 'retryMaxElapsed',
  'retry.budget': 'retryBudget',
  'rateLimit.window': 'rateWindow',
  'breaker.window': 'breakerWindow',
  'breaker.minCalls': 'breakerMinCalls',
  'breaker.failureRate': 'breakerFailureRate',
  'breaker.consecutive': 'breakerConsecutive',
  'breaker.cooldown': 'breakerCooldown',
  'breaker.maxCooldown': 'breakerMaxCooldown',
  'queue.max': 'queueMax',
  'queue.policy': 'queuePolicy',
  'queue.ageing': 'queueAgeing',
  grace: 'grace',
  closeTimeout: 'closeTimeout',
  name: 'name',
};

function expectDefault(stated: string | undefined, name: string, value: unknown): void {
  if (typeof value === 'string' && /^\d/.test(value))
    expect(toMs(name, stated as never), name).toBe(toMs(name, value as never));
  else expect(stated?.replaceAll('_', ''), name).toBe(String(value));
}

/** Names in backticks at the beginning of rows, dotted ones included. */
function dottedRows(table: string): string[] {
  return [...table.matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    names.replaceAll('`', '').split(', '),
  );
}

describe('docs/async.md', () => {
  it('states the defaults that the code has', () => {
    const options = page.section('Options');
    expect(Object.values(DEFAULTS).sort()).toEqual(Object.keys(ASYNC_DEFAULTS).sort());
    for (const [option, name] of Object.entries(DEFAULTS)) {
      expectDefault(page.row(options, option)[2], option, ASYNC_DEFAULTS[name]);
    }
    const { maxSize, maxWait } = BATCHER_DEFAULTS;
    for (const [name, value] of Object.entries({ maxSize, maxWait })) {
      expectDefault(page.row(page.section('Batches'), name)[1], name, value);
    }
    for (const defaults of [MODEL_FETCH_DEFAULTS, OBSERVE_POOL_DEFAULTS]) {
      for (const [name, value] of Object.entries(defaults)) {
        expectDefault(page.row(page.section('Connections'), name)[1], name, value);
      }
    }
  });

  it('has a row for every option of a processor, and for no other', () => {
    const wrong = { nonsense: 1 } as never;
    const top = namesIn(() => new AsyncProcessor(wrong));
    expect(top.length).toBeGreaterThan(10);
    const nested = (['retry', 'rateLimit', 'breaker', 'queue'] as const).flatMap((option) =>
      namesIn(() => new AsyncProcessor({ [option]: wrong })).map((name) => `${option}.${name}`),
    );
    const adaptive = { adaptive: true, max: 2, nonsense: 1 } as never;
    const concurrency = namesIn(() => new AsyncProcessor({ concurrency: adaptive })).map(
      (name) => `concurrency.${name}`,
    );
    const whole = ['rateLimit', 'queue'];
    const expected = [...top.filter((name) => !whole.includes(name)), ...nested, ...concurrency];
    expect(dottedRows(page.section('Options')).sort()).toEqual(expected.sort());
  });

  it('names every option of a call, a batch, a batcher, a wrapper and worker threads', async () => {
    const processor = new AsyncProcessor();
    const wrong = { nonsense: 1 } as never;
    const methods = page.text.slice(page.text.indexOf('## The methods'), page.text.indexOf('## Options'));
    for (const name of new Set(Object.values(WORK_NAMES).flat())) {
      expect(methods + page.section('Batches') + page.section('Long jobs'), name).toMatch(new RegExp(`\\b${name}\\b`));
    }
    const batcher = namesIn(() => processor.batcher(async (keys: number[]) => keys, wrong));
    expect(dottedRows(page.section('Batches')).sort()).toEqual(batcher.sort());
    for (const name of namesIn(() => limited(processor, wrong)))
      expect(page.section('Wrappers')).toContain(`\`${name}`);
    await processor.close();
  });

  it('has a row for every event, with its data, and for every figure', async () => {
    const section = page.section('Events, figures');
    const source = await readFile(join(ROOT, 'src/async/events.ts'), 'utf8');
    const body = /interface AsyncEvents \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? '';
    const events = [...body.matchAll(/^ {2}'?([\w:]+)'?: \{ (.*) \};$/gm)];
    expect(events.map(([, name]) => name)).toEqual((await import('../../src/async/events.js')).EVENT_NAMES);
    for (const [, name = '', fields = ''] of events) {
      const data = [...fields.matchAll(/(\w+): /g)].map(([, field]) => field);
      expect(page.row(section, name)[1]?.split(', '), name).toEqual(data);
      for (const [, value] of fields.matchAll(/'([a-z-]+)'/g)) {
        if (name !== 'settled') expect(page.row(section, name)[2], name).toContain(value);
      }
    }
    const processor = new AsyncProcessor();
    const figures = section.slice(section.indexOf('| `stats()`'));
    expect(dottedRows(figures).sort()).toEqual(Object.keys(processor.stats()).sort());
    await processor.close();
  });

  it('says of every status and code what failureOf says', () => {
    const table = page.section('What is tried again');
    let said = 0;
    for (const kind of ['permanent', 'rate-limited', 'overloaded', 'transient', 'unknown']) {
      const [, what = ''] = page.row(table, kind);
      for (const [status] of what.matchAll(/\b[3-5]\d\d\b/g)) {
        const headers = status === '403' ? { 'retry-after': '1' } : {};
        expect(failureOf(Object.assign(new Error('x'), { status: Number(status), headers })).kind, status).toBe(kind);
        said++;
      }
      for (const [, state] of what.matchAll(/SQLSTATE ([\d, ]+\d)/g)) {
        for (const group of state!.split(', ')) expect(failureOf({ code: `${group}000` }).kind, group).toBe(kind);
      }
    }
    expect(said).toBeGreaterThan(15);
    expect(failureOf({ code: 'insufficient_quota' }).kind).toBe('permanent');
  });

  it('names functions, classes and constants that the module has, and codes that errors have', async () => {
    const named = [...page.text.matchAll(/\b((?:[A-Z]\w+Error)|[A-Z]+_DEFAULTS)\b/g)].map(([, name = '']) => name);
    const ours = named.filter((name) => !['TypeError', 'AbortError'].includes(name));
    expect(new Set(ours).size).toBeGreaterThan(10);
    expect(Object.keys(asyncModule)).toEqual(expect.arrayContaining([...new Set(ours)]));
    const functions = ['permanent', 'failureOf', 'limited', 'batched', 'createModelFetch', 'observePool'];
    for (const name of [...functions, 'fileCheckpointStore', 'redisRateLimitStore']) {
      expect(page.text).toContain(`${name}(`);
      expect(Object.keys(asyncModule)).toContain(name);
    }
  });

  it('shows code that compiles for whoever has installed the package', async () => {
    const folder = join(consumer, 'snippets');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'host.d.ts'), HOST);
    const files = await Promise.all(
      snippets.map(async (code, i) => {
        const file = join(folder, `snippet-${i}.mts`);
        const imports = code.includes("from 'hotpath/async'") ? '' : IMPORTS;
        await writeFile(file, `${imports}${i === 0 ? '' : MODEL}${code}\nexport {};\n`);
        return file;
      }),
    );
    expect(files.length).toBeGreaterThan(6);
    const program = ts.createProgram([...files, join(folder, 'host.d.ts')], {
      ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, strict: true },
      ...{ target: ts.ScriptTarget.ES2022, noEmit: true, skipLibCheck: true, types: ['node'] },
      ...{ typeRoots: [join(ROOT, 'node_modules/@types')], lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'] },
    });
    const wrong = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName.slice(folder.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(wrong).toEqual([]);
  });

  it('begins with code that runs as it stands', async () => {
    const host = `
      const documents = ['a', 'b', 'c'];
      const ask = async (question: string, options: { signal: AbortSignal }) => question.length + Number(options.signal.aborted);
      const embed = async (document: string, options: { signal: AbortSignal }) => [document, options.signal.aborted];
    `;
    const file = join(consumer, 'async-quick-start.mts');
    await writeFile(file, `${host}${snippets[0]}\nconsole.log(JSON.stringify([answer, vectors]));`);
    const { stdout } = await run(join(ROOT, 'node_modules/.bin/tsx'), [file], { cwd: consumer });
    expect(JSON.parse(stdout)).toEqual([
      29,
      [
        ['a', false],
        ['b', false],
        ['c', false],
      ],
    ]);
  });
});

const IMPORTS = `import { AsyncProcessor, batched, fileCheckpointStore, limited } from 'hotpath/async';\n`;
const MODEL = 'declare const model: AsyncProcessor;\n';
/** What the page's code has around it. */
const HOST = `
interface Item { id: string }
interface Answer { tokens: number }
declare const url: string;
declare const files: string[];
declare const documents: Item[];
declare function endless(): AsyncGenerator<Item>;
declare function save(item: Item, vector: number[]): Promise<void>;
declare function ask(question: string, options: { signal: AbortSignal }): Promise<string>;
declare function askModel(question: string): Promise<Answer>;
declare function embed(document: Item | string, options?: { signal: AbortSignal }): Promise<number[]>;
declare function embedMany<T>(documents: T[], options?: { signal: AbortSignal }): Promise<number[][]>;
`;

// npm run bench [-- name ...] [--quick] [--json] | npm run bench:check [-- --update]
// Each bench is a process of its own, so that none runs in the heap, or with the compiled code, of another.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPackage, installPeers, root } from './prepare.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
  },
});

/** Runs one TypeScript file to its end; resolves to its exit code and what it printed. */
function runFile(file, flags) {
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', join(here, file), ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (!values.json) process.stdout.write(text);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, output })));
}

/** A bench that prints one JSON value is taken over as it is; one that prints Markdown, as text. */
function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return { markdown: output };
  }
}

async function runBenches() {
  const all = readdirSync(here)
    .filter((file) => file.endsWith('.bench.ts'))
    .sort();
  const unknown = positionals.filter((name) => !all.includes(`${name}.bench.ts`));
  if (unknown.length > 0) {
    const names = all.map((file) => file.replace('.bench.ts', '')).join(', ');
    console.error(`There is no bench called ${unknown.join(', ')}. There are: ${names}.`);
    return 2;
  }
  installPeers();
  buildPackage();
  const files = positionals.length > 0 ? positionals.map((name) => `${name}.bench.ts`) : all;
  const flags = [...(values.quick ? ['--quick'] : []), ...(values.json ? ['--json'] : [])];
  const reports = {};
  const failed = [];
  for (const file of files) {
    const { code, output } = await runFile(file, flags);
    reports[file.replace('.bench.ts', '')] = parsed(output);
    if (code !== 0) failed.push(file);
  }
  if (values.json) console.log(JSON.stringify(reports, null, 2));
  if (failed.length > 0) console.error(`These did not run to their end: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

async function runCheck() {
  buildPackage();
  const { code, output } = await runFile('check.ts', values.update ? ['--update'] : []);
  if (values.json) process.stdout.write(output);
  return code;
}

process.exitCode = values.check ? await runCheck() : await runBenches();

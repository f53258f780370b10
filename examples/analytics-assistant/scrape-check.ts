// The live service (`npm run demo -- --serve`) as Prometheus sees it: promtool checks what it exports, a real server scrapes it.
// Run in CI; skipped where there is neither of them, unless CI=true.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findPrometheus } from '../../test/services/prometheus.ts';
import { findPromtool } from '../../test/services/promtool.ts';

const START_MS = 60_000;

const promtool = await findPromtool();
const prometheus = await findPrometheus();
if ('missing' in promtool || 'missing' in prometheus) {
  const missing = 'missing' in promtool ? promtool.missing : 'missing' in prometheus && prometheus.missing;
  console.log(`skipped: ${missing}`);
  process.exit(process.env['CI'] === 'true' ? 1 : 0);
}

const start = fileURLToPath(new URL('./start.mjs', import.meta.url));
const demo = spawn(process.execPath, [start, '--serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
const killAtExit = (): void => void demo.kill();
process.once('exit', killAtExit);
try {
  const url = await dashboardOf(demo);
  const token = url.searchParams.get('token') ?? '';
  const server = await (await prometheus.start()).scrape([{ name: 'assistant', port: Number(url.port), token }]);
  try {
    const requests = await server.waitFor('hotpath_requests_total', (total) => total > 0);
    await server.waitFor('hotpath_cache_misses_total', (total) => total > 0);
    assert.deepEqual(await server.targets(), [{ job: 'assistant', health: 'up', lastError: '' }]);
    assert.equal(server.warnings(), '');
    console.log(`A real Prometheus has scraped the service: ${requests} requests so far.`);
  } finally {
    await server.close();
  }
  const response = await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  const text = await response.text();
  const checked = await (await promtool.start()).run(['check', 'metrics'], { input: text });
  assert.deepEqual(checked, { code: 0, output: '' });
  console.log(`promtool has nothing against its ${text.split('\n').length} lines.`);
} finally {
  const isRunning = demo.exitCode === null && demo.signalCode === null;
  const exited = isRunning && once(demo, 'exit');
  demo.kill('SIGTERM');
  await exited;
  process.off('exit', killAtExit);
}
assert.equal(demo.exitCode, 0, 'the service ends when it is asked to');

/** The address that it prints once users ask. */
function dashboardOf(service: ChildProcess): Promise<URL> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no dashboard after ${START_MS} ms`)), START_MS);
    let output = '';
    service.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const address = /^The dashboard: (\S+)$/m.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(new URL(address));
    });
    service.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the service ended with code ${code}: ${output}`));
    });
  });
}

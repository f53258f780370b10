// npm run demo -- --serve: the assistant at its real pace, with the dashboard open until Ctrl-C.
import { ask, type Steps } from './assistant/ask.ts';
import { zipfStream } from './questions/stream.ts';
import { Progress } from './report/progress.ts';
import { openService } from './serve/service.ts';
import { settings } from './settings.ts';
import { stopChildren } from './world/child.ts';
import { openWorld } from './world/world.ts';

process.on('exit', stopChildren);

/** At its real pace the model is not sped up. */
const SCALE = 1;
const STREAM_LENGTH = 10_000;
/** How long a user looks at an answer before asking again. */
const THINK_MS = 1_000;

const { users, seed } = settings();
const progress = new Progress();
progress.step('Reading 300,000 flights, starting the database and the model server');
const world = await openWorld({ seed, scale: SCALE });
progress.end();

const service = openService(world);
const { url, port } = await service.monitor.serveDashboard({ port: portGiven(), keepAlive: true });
console.log(`The dashboard: ${url}`);
console.log(`Prometheus metrics, with the token as bearer: http://127.0.0.1:${port}/metrics`);
console.log(`${users} users ask until Ctrl-C.`);

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await service.close();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());

const stream = zipfStream(STREAM_LENGTH, seed);
let next = 0;
const user = async (): Promise<void> => {
  while (!stopping) {
    const { question } = stream[next++ % stream.length] as (typeof stream)[number];
    await service.request((steps: Steps) => ask(steps, question)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, THINK_MS));
  }
};
await Promise.all(Array.from({ length: users }, user));

/** `--port 8080`, or a free one. */
function portGiven(): number {
  const at = process.argv.indexOf('--port');
  const port = at < 0 ? 0 : Number(process.argv[at + 1]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port takes a number from 0 to 65535.');
  return port;
}

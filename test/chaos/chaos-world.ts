import type { TestContext } from 'vitest';
import type { RemoteOptions } from '../../src/cache/index.js';
import { ChaosNode, pause, type RowRead } from './chaos-node.js';
import { NodeProcess } from './node-process.js';
import { createRows, SharedRows } from './shared-rows.js';

/** Rows of a world. The first few are for the test to name, the rest for traffic of cold keys. */
const ROWS = 20_000;
const FIRST_COLD_ROW = 100;
/** How late timers, sockets and processes may be on a machine that runs other tests as well. */
export const SLACK_MS = 1_000;

/** A shared tier whose deadlines are far beyond what a loaded machine takes, for tests about something else. */
export function patient(store: string): RemoteOptions {
  return { store, readDeadline: '5s', writeDeadline: '5s' };
}

/** One call of the traffic, in milliseconds of `performance.now()`. */
export interface TimedCall {
  readonly startedMs: number;
  readonly tookMs: number;
}

export interface Traffic {
  readonly calls: TimedCall[];
  readonly errors: string[];
  /** Ends it when the calls under way have ended. */
  stop(): Promise<void>;
}

/** Resolves when the condition holds; it is looked at every 10 ms. @throws Error with what was waited for */
export async function eventually(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not after ${timeoutMs} ms`);
    await pause(10);
  }
}

/** Resolves when the breakers of the nodes are closed: they trust their server again. */
export function closed(...nodes: readonly ChaosNode[]): Promise<void> {
  return eventually('closed breakers', () => nodes.every(({ cache }) => cache.stats().remote?.state === 'closed'));
}

/** A database and nodes on it, in this process and in others. All of it ends with the test. */
export class ChaosWorld {
  readonly #rows = createRows(ROWS);
  readonly #database: SharedRows;
  readonly #closing: (() => Promise<void>)[] = [];
  #writers = 1;
  #coldRow = FIRST_COLD_ROW;

  /** @param test - the context of the test it is for */
  constructor(test: Pick<TestContext, 'onTestFinished'>) {
    this.#database = new SharedRows(this.#rows.path, 0);
    test.onTestFinished(() => this.#close());
  }

  /** Writes rows; the version of the last one. */
  write(...rows: readonly number[]): number {
    return Math.max(...rows.map((row) => this.#database.write(row)));
  }

  /** Closed with the world. */
  own<Owned extends { close(): Promise<unknown> }>(owned: Owned): Owned {
    this.#closing.push(async () => {
      await owned.close();
    });
    return owned;
  }

  /** A node in this process. Resolves when it is ready. */
  async node(cache: Readonly<Record<string, unknown>>): Promise<ChaosNode> {
    const node = this.own(new ChaosNode({ cache, rows: this.#rows.path, writer: this.#writers++ % 8 }));
    await node.cache.ready();
    return node;
  }

  /** Nodes in processes of their own. */
  async processes(caches: readonly Readonly<Record<string, unknown>>[]): Promise<NodeProcess[]> {
    const configs = caches.map((cache) => ({ cache, rows: this.#rows.path, writer: this.#writers++ % 8 }));
    const nodes = await NodeProcess.startAll(configs);
    for (const node of nodes) this.own(node);
    return nodes;
  }

  /** Reads of keys that were never read before, a few at a time, one after the other, until it is stopped. */
  coldTraffic(node: ChaosNode, read: Omit<RowRead, 'row'> = {}): Traffic {
    const calls: TimedCall[] = [];
    const errors: string[] = [];
    let running = true;
    const loop = async (): Promise<void> => {
      while (running) {
        const startedMs = performance.now();
        await node.read({ ...read, row: this.#coldRow++ % ROWS }).catch((error) => errors.push(`${error}`));
        calls.push({ startedMs, tookMs: performance.now() - startedMs });
        await pause(2);
      }
    };
    const loops = Promise.all([loop(), loop(), loop(), loop()]);
    const stop = async (): Promise<void> => {
      running = false;
      await loops;
    };
    this.#closing.push(stop);
    return { calls, errors, stop };
  }

  async #close(): Promise<void> {
    // What was made last goes first: traffic before its node, nodes before the servers.
    for (const close of this.#closing.reverse()) await close();
    this.#database.close();
    this.#rows.remove();
  }
}

/** The slowest of the calls that were begun in this time; 0 without any. */
export function slowestMs(calls: readonly TimedCall[], fromMs = 0, toMs = Number.POSITIVE_INFINITY): number {
  return calls
    .filter(({ startedMs }) => startedMs >= fromMs && startedMs <= toMs)
    .reduce((slowest, { tookMs }) => Math.max(slowest, tookMs), 0);
}

/** The middle of the calls that were begun in this time. */
export function medianMs(calls: readonly TimedCall[], fromMs: number, toMs: number): number {
  const took = calls.filter(({ startedMs }) => startedMs >= fromMs && startedMs <= toMs).map(({ tookMs }) => tookMs);
  return took.sort((a, b) => a - b)[took.length >> 1] ?? Number.NaN;
}

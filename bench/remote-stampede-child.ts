// A process of bench/remote-stampede.bench.ts.
import { isDeepStrictEqual } from 'node:util';
import { ResultLoader, resultRows } from './remote-payload.js';
import { type StampedeCache, stampedeCache } from './remote-stampede-caches.js';
import { loadSubject } from './subject.js';

export type StampedeOrder =
  | { readonly prepare: string; readonly loaderMs: number }
  | {
      readonly key: string;
      readonly callers: number;
      /** When to begin: milliseconds since the epoch. The processes share one clock. */
      readonly at: number;
    };

export interface StampedeAnswer {
  readonly version: string;
  /** Loader runs of this process for the order. */
  readonly loads: number;
  /** Callers that got something else than was loaded. */
  readonly wrong: number;
  readonly ms: number;
}

const url = process.argv[2]!;
const subject = await loadSubject();
let loader = new ResultLoader();
let cache: StampedeCache | undefined;

async function obey(order: StampedeOrder): Promise<StampedeAnswer> {
  if ('prepare' in order) {
    await cache?.close();
    loader = new ResultLoader(order.loaderMs);
    cache = await stampedeCache(order.prepare, subject, url, (key) => loader.load(key));
    // The connection stands, and the code has run once, before anything counts.
    await cache.read(`warm-up:${process.pid}`);
    return { version: cache.version, loads: 0, wrong: 0, ms: 0 };
  }
  const { read, version } = cache!;
  const before = loader.runs;
  await new Promise((resolve) => setTimeout(resolve, order.at - Date.now()));
  const start = performance.now();
  const values = await Promise.all(Array.from({ length: order.callers }, () => read(order.key)));
  const ms = performance.now() - start;
  const expected = resultRows(order.key);
  const wrong = values.filter((value) => !isDeepStrictEqual(value, expected)).length;
  return { version, loads: loader.runs - before, wrong, ms };
}

process.on('message', (order) => {
  obey(order as StampedeOrder).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { CacheManager, cacheResult } from '../cache/index.js';
import { type ContestOptions, contest, median } from './contest.js';
import type { Report } from './report.js';
import { UsageError } from './usage-error.js';

export type HostFunction = (...args: readonly unknown[]) => unknown;

/** Loads the function that `--module` and `--export` name. */
export async function loadHostFunction(folder: string, module: string, name: string): Promise<HostFunction> {
  const path = resolve(folder, module);
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`--module ${module} could not be loaded from ${folder}: ${String(error)}`);
  }
  const found = loaded[name];
  if (typeof found !== 'function') {
    const names = Object.keys(loaded).filter((key) => typeof loaded[key] === 'function');
    throw new UsageError(
      `--export ${name} is not a function of ${module}. Functions it exports: ${names.join(', ') || 'none'}.`,
    );
  }
  return found as HostFunction;
}

/** The host's function as it is, and wrapped by `cacheResult`: what a hit saves, with the same arguments each time. */
export async function benchHostFunction(
  fn: HostFunction,
  name: string,
  args: readonly unknown[],
  options: ContestOptions,
): Promise<Report> {
  let calls = 0;
  const counted = async (...values: readonly unknown[]): Promise<unknown> => {
    calls++;
    return fn(...values);
  };
  const cache = new CacheManager({ ttl: '1h' });
  const wrapped = cacheResult(cache, { name: `bench:${name}` })(counted);
  const bare = await fn(...args);
  const cached = await wrapped(...args);
  const again = await wrapped(...args);
  const stored = calls === 1;
  const times = await contest(
    [
      { name: 'bare', operations: 1, run: async () => void (await fn(...args)) },
      {
        name: 'wrapped',
        operations: HITS,
        async run() {
          for (let i = 0; i < HITS; i++) await wrapped(...args);
        },
      },
    ],
    { ...options, warmupRounds: 1 },
  );
  await cache.close();
  const bareNs = median(times.get('bare')!);
  const wrappedNs = median(times.get('wrapped')!);
  const notes = [
    stored && calls === 1
      ? 'Wrapped, the function ran once; every other call was a hit.'
      : `Wrapped, the function ran ${calls} times: its result is not kept (undefined, an error, or arguments that differ).`,
  ];
  if (!isDeepStrictEqual(bare, cached) || !isDeepStrictEqual(cached, again)) {
    notes.push(
      'Two calls with equal arguments gave different results: a cache would hide the change until the ttl ends.',
    );
  }
  return {
    title: `${name}: bare and wrapped`,
    about: `Called with ${JSON.stringify(args)}. ${options.rounds} interleaved rounds; the median, and the range of the rounds, in microseconds a call.`,
    rows: [
      { call: 'bare', 'us a call': bareNs / 1e3, ...range(times.get('bare')!), 'times faster': 1 },
      {
        call: 'cacheResult, hit',
        'us a call': wrappedNs / 1e3,
        ...range(times.get('wrapped')!),
        'times faster': bareNs / wrappedNs,
      },
    ],
    figures: { bareNs, wrappedNs, loaderRuns: calls },
    notes,
  };
}

/** Calls of the wrapped function in one timed run: a hit alone is too short for the clock. */
const HITS = 100;

function range(times: readonly number[]): { 'rounds from': number; to: number } {
  return { 'rounds from': Math.min(...times) / 1e3, to: Math.max(...times) / 1e3 };
}

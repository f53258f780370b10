import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PolicyFactory, PolicyNode } from '../src/cache/eviction-policy.js';

/** An access trace: dense key numbers in order of access, and how many different ones there are. */
export interface Trace {
  readonly keys: Int32Array;
  readonly distinct: number;
}

/** What each key of a trace weighs and what loading it takes, by key number. */
export interface Weights {
  readonly bytes: Float64Array;
  readonly cost: Float64Array;
}

/** What a cache did with a trace. `saved` is the loader time of the hits, `total` that of all requests. */
export interface Outcome {
  readonly requests: number;
  readonly hits: number;
  readonly saved: number;
  readonly total: number;
}

/** The least a cache has to offer to be measured: is the key there, and if not, put it there. */
export interface CacheUnderTest {
  has(key: number): boolean;
  add(key: number): void;
}

/** Numbers the keys in order of first appearance, so that the other functions can use arrays. */
export function toTrace(raw: Iterable<number>): Trace {
  const numbers = new Map<number, number>();
  const keys: number[] = [];
  for (const value of raw) {
    let key = numbers.get(value);
    if (key === undefined) {
      key = numbers.size;
      numbers.set(value, key);
    }
    keys.push(key);
  }
  return { keys: Int32Array.from(keys), distinct: numbers.size };
}

/** Reads a trace file: gzip text, one integer a line. */
export function readTrace(path: string): Trace {
  return toTrace(gunzipSync(readFileSync(path)).toString('latin1').trim().split('\n').map(Number));
}

/** Every key weighs one byte and costs one millisecond: saved time is then the hit ratio. */
export function unitWeights(trace: Trace): Weights {
  return { bytes: new Float64Array(trace.distinct).fill(1), cost: new Float64Array(trace.distinct).fill(1) };
}

/** A small seeded generator of numbers in [0, 1): G. Marsaglia's xorshift32, "Xorshift RNGs", 2003. */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** How the seeded weights are mixed; shares in [0, 1], times in ms, sizes in bytes. */
export interface Mix {
  readonly modelShare: number;
  readonly sqlMs: readonly [number, number];
  readonly modelMs: readonly [number, number];
  readonly medianBytes: number;
  readonly sigma: number;
}

/** SQL results (5 to 400 ms) and one model answer (1 to 8 s) in five; sizes log-normal around 3 kB, cut at 200 B and 64 kB. */
export const DEFAULT_MIX: Mix = Object.freeze<Mix>({
  modelShare: 0.2,
  sqlMs: [5, 400],
  modelMs: [1000, 8000],
  medianBytes: 3000,
  sigma: 1.3,
});

/** Draws size and cost of every key. Times are log-uniform in their range, sizes log-normal (Box-Muller). */
export function mixedWeights(trace: Trace, seed: number, mix: Mix = DEFAULT_MIX): Weights {
  const random = seededRandom(seed);
  const bytes = new Float64Array(trace.distinct);
  const cost = new Float64Array(trace.distinct);
  for (let key = 0; key < trace.distinct; key++) {
    const [low, high] = random() < mix.modelShare ? mix.modelMs : mix.sqlMs;
    cost[key] = Math.round(low * (high / low) ** random());
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    bytes[key] = Math.round(Math.min(65_536, Math.max(200, mix.medianBytes * Math.exp(mix.sigma * normal))));
  }
  return { bytes, cost };
}

/** Mean size of a key of the trace, each key counted once. */
export function meanBytes(weights: Weights): number {
  return weights.bytes.reduce((sum, bytes) => sum + bytes, 0) / weights.bytes.length;
}

/** Runs a trace through a cache. */
export function simulate(trace: Trace, weights: Weights, cache: CacheUnderTest): Outcome {
  let hits = 0;
  let saved = 0;
  let total = 0;
  for (const key of trace.keys) {
    const cost = weights.cost[key]!;
    total += cost;
    if (cache.has(key)) {
      hits++;
      saved += cost;
    } else {
      cache.add(key);
    }
  }
  return { requests: trace.keys.length, hits, saved, total };
}

/** Makes an eviction policy measurable: every miss puts a node of the key's size and cost. */
export function policyCache(
  factory: PolicyFactory,
  limits: { readonly maxEntries: number; readonly maxBytes: number },
  trace: Trace,
  weights: Weights,
): CacheUnderTest {
  const policy = factory<PolicyNode>({ ...limits, onEvict: () => {} });
  const names = Array.from({ length: trace.distinct }, (_, key) => `k:${key}`);
  return {
    has: (key) => policy.get(names[key]!) !== undefined,
    add: (key) =>
      policy.set({
        key: names[key]!,
        bytes: weights.bytes[key]!,
        cost: weights.cost[key]!,
        prev: undefined,
        next: undefined,
        queue: 0,
        freq: 0,
        rank: 0,
      }),
  };
}

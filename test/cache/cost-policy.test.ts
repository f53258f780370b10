import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { optimal } from '../../bench/optimal-cache.js';
import {
  meanBytes,
  mixedWeights,
  type Outcome,
  policyCache,
  readTrace,
  seededRandom,
  simulate,
  type Trace,
  toTrace,
  unitWeights,
} from '../../bench/trace-simulation.js';
import { seededCostPolicy } from '../../src/cache/cost-policy.js';
import type { PolicyFactory, PolicyNode } from '../../src/cache/eviction-policy.js';
import { FrequencySketch } from '../../src/cache/frequency-sketch.js';
import { lruPolicy } from '../../src/cache/lru-policy.js';
import { RankHeap } from '../../src/cache/rank-heap.js';
import { RecencyShadow } from '../../src/cache/recency-shadow.js';
import { WindowClimber } from '../../src/cache/window-climber.js';

const SEED = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
console.log(`cost-policy.test.ts: FC_SEED=${SEED}`);
const cost = seededCostPolicy(SEED);

function hitRatio(factory: PolicyFactory, trace: Trace, maxEntries: number): number {
  const weights = unitWeights(trace);
  const limits = { maxEntries, maxBytes: Number.POSITIVE_INFINITY };
  const outcome: Outcome = simulate(trace, weights, policyCache(factory, limits, trace, weights));
  return outcome.hits / outcome.requests;
}

/** Keys below `span`, the low ones far more often. */
function skewed(count: number, span: number, offset = 0): number[] {
  const random = seededRandom(SEED + offset);
  return Array.from({ length: count }, () => offset + Math.floor(span * random() ** 3));
}

/** Every key is asked for twice, `distance` apart, and never again. */
function recency(count: number, distance: number, offset = 0): number[] {
  const keys: number[] = [];
  for (let i = 0; i < count; i++) keys.push(offset + i, ...(i >= distance ? [offset + i - distance] : []));
  return keys;
}

function nodeOf(key: string, bytes = 1, ms = 1): PolicyNode {
  return { key, bytes, cost: ms, prev: undefined, next: undefined, queue: 0, freq: 0, rank: 0 };
}

describe('hit ratio', () => {
  it('withstands a scan that flushes LRU', () => {
    // The window wanders a little with the noise of so small a cache: judged by the mean of four runs.
    const gains = [1, 2, 3, 4].map((run) => {
      const random = seededRandom(SEED + run);
      const keys = Array.from({ length: 20_000 }, (_, i) => [Math.floor(1000 * random() ** 3), 1_000_000 + i]);
      const trace = toTrace(keys.flat());
      return hitRatio(cost, trace, 200) - hitRatio(lruPolicy, trace, 200);
    });
    expect(gains.reduce((sum, gain) => sum + gain) / gains.length).toBeGreaterThan(0.03);
  });

  it('keeps most of what fits of a loop longer than the cache', () => {
    const trace = toTrace(Array.from({ length: 200_000 }, (_, i) => i % 1000));
    expect(hitRatio(lruPolicy, trace, 500)).toBe(0);
    expect(hitRatio(cost, trace, 500)).toBeGreaterThan(0.4);
  });

  // The reuse distance is twice `distance`, in different keys: it fits, though a window of a tenth never sees a second access.
  it.each([100, 200, 240])('keeps up with LRU where only recency counts, reuse distance 2 x %i', (distance) => {
    const trace = toTrace(recency(40_000, distance));
    const lru = hitRatio(lruPolicy, trace, 512);
    expect(lru).toBeGreaterThan(0.48);
    expect(hitRatio(cost, trace, 512)).toBeGreaterThan(lru - 0.02);
  });

  it('keeps a part of a walk to and fro, where each newcomer was just seen and each old hand is due', () => {
    const walk = Array.from({ length: 26_000 }, (_, i) => (i % 2000 < 1000 ? i % 2000 : 1999 - (i % 2000)));
    const trace = toTrace(walk);
    expect(hitRatio(cost, trace, 500)).toBeGreaterThan(hitRatio(lruPolicy, trace, 500) - 0.02);
  });

  it('keeps the newest entry until the next set, also when a loop has narrowed the window', () => {
    const policy = cost<PolicyNode>({ maxEntries: 1e6, maxBytes: 1000, onEvict: () => {} });
    for (let i = 0; i < 20_000; i++) if (!policy.get(`k${i % 100}`)) policy.set(nodeOf(`k${i % 100}`, 20));
    for (let i = 0; i < 50; i++) {
      policy.set(nodeOf(`new${i}`, 20));
      expect(policy.peek(`new${i}`)).toBeDefined();
    }
  });

  it('follows a hot set that moves', () => {
    const trace = toTrace(Array.from({ length: 10 }, (_, phase) => skewed(15_000, 5000, phase * 100_000)).flat());
    expect(hitRatio(cost, trace, 500)).toBeGreaterThan(hitRatio(lruPolicy, trace, 500) - 0.02);
  });

  it('follows traffic that turns from recency to a loop and back', () => {
    const loop = Array.from({ length: 40_000 }, (_, i) => i % 700);
    const trace = toTrace([0, 1, 2].flatMap((phase) => [...recency(15_000, 200, (phase + 1) * 1_000_000), ...loop]));
    expect(hitRatio(cost, trace, 512)).toBeGreaterThan(hitRatio(lruPolicy, trace, 512) + 0.1);
  });
});

describe('loader cost and size', () => {
  it('keeps the dear one of two equally frequent and equally large entries', () => {
    const policy = cost<PolicyNode>({ maxEntries: 100, maxBytes: Number.POSITIVE_INFINITY, onEvict: () => {} });
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 300; i++) {
        const key = `k${i}`;
        if (policy.get(key) === undefined) policy.set(nodeOf(key, 1, i < 80 ? 4000 : 10));
      }
    }
    const dear = [...policy.nodes()].filter((node) => node.cost === 4000).length;
    expect(dear).toBeGreaterThanOrEqual(78);
  });

  it('keeps small entries rather than large ones of equal cost when bytes are short', () => {
    const policy = cost<PolicyNode>({ maxEntries: 1e6, maxBytes: 20_000, onEvict: () => {} });
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 300; i++) {
        const key = `k${i}`;
        if (policy.get(key) === undefined) policy.set(nodeOf(key, i % 2 === 0 ? 100 : 1000, 50));
      }
    }
    expect([...policy.nodes()].filter((node) => node.bytes === 100).length).toBeGreaterThan(140);
  });

  it('treats an unknown cost as the average one', () => {
    const policy = cost<PolicyNode>({ maxEntries: 100, maxBytes: Number.POSITIVE_INFINITY, onEvict: () => {} });
    const costs = [0, 1000, 1];
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 300; i++) {
        const key = `k${i}`;
        if (policy.get(key) === undefined) policy.set(nodeOf(key, 1, costs[i % 3]!));
      }
    }
    const held = costs.map((ms) => [...policy.nodes()].filter((node) => node.cost === ms).length);
    expect(held[1]).toBeGreaterThan(90);
    expect(held[1]! + held[0]!).toBeGreaterThan(held[2]!);
    // Without known costs it is a plain hit-ratio policy.
    const loop = toTrace(Array.from({ length: 100_000 }, (_, i) => i % 1000));
    const weights = { bytes: unitWeights(loop).bytes, cost: new Float64Array(1000) };
    const limits = { maxEntries: 500, maxBytes: Number.POSITIVE_INFINITY };
    expect(simulate(loop, weights, policyCache(cost, limits, loop, weights)).hits).toBeGreaterThan(40_000);
  });

  it('saves more loader time than LRU at equal bytes', () => {
    const trace = toTrace(skewed(60_000, 5000));
    const weights = mixedWeights(trace, SEED);
    const limits = { maxEntries: 1e9, maxBytes: Math.round(300 * meanBytes(weights)) };
    const saved = (factory: PolicyFactory): number =>
      simulate(trace, weights, policyCache(factory, limits, trace, weights)).saved;
    expect(saved(cost)).toBeGreaterThan(1.15 * saved(lruPolicy));
  });
});

describe('parts', () => {
  it('the sketch never counts too low, forgets by halves, and grows with what is held only', () => {
    const sketch = new FrequencySketch(SEED);
    sketch.reserve(1000);
    const width = sketch.byteLength;
    for (let i = 0; i < 1000; i++) sketch.raise(sketch.hash(`k${i}`), 1 + (i % 15));
    let exact = 0;
    for (let i = 0; i < 1000; i++) {
      const count = sketch.estimate(sketch.hash(`k${i}`));
      expect(count).toBeGreaterThanOrEqual(1 + (i % 15));
      if (count === 1 + (i % 15)) exact++;
    }
    expect(exact).toBeGreaterThan(800);
    sketch.pass(1e9);
    expect(sketch.epoch).toBe(1);
    expect(sketch.estimate(sketch.hash('k14'))).toBe(7);
    for (let i = 0; i < 100_000; i++) sketch.raise(sketch.hash(`other${i}`), 3);
    sketch.reserve(1000);
    expect(sketch.byteLength).toBe(width);
    expect(width).toBeLessThanOrEqual(16 * 1000);
  });

  it('two seeds put a key on different counters', () => {
    const collisions = (seed: number): string => {
      const sketch = new FrequencySketch(seed);
      for (let i = 0; i < 25; i++) sketch.raise(sketch.hash(`seen${i}`), 9);
      return Array.from({ length: 2000 }, (_, i) => sketch.estimate(sketch.hash(`k${i}`))).join('');
    };
    expect(collisions(SEED)).not.toBe(collisions(SEED + 1));
  });

  it('the heap gives nodes by rank and takes out any', () => {
    const random = seededRandom(SEED);
    const heap = new RankHeap<PolicyNode>();
    const nodes = Array.from({ length: 500 }, (_, i) => Object.assign(nodeOf(`${i}`), { rank: random() }));
    for (const node of nodes) heap.add(node);
    for (const node of nodes.slice(0, 100)) heap.remove(node);
    for (const node of nodes.slice(100, 200)) {
      node.rank += 1;
      heap.raised(node);
    }
    const out: number[] = [];
    for (let first = heap.first(); first !== undefined; first = heap.first()) {
      out.push(first.rank);
      heap.remove(first);
    }
    expect(out).toEqual(
      nodes
        .slice(100)
        .map((node) => node.rank)
        .sort((a, b) => a - b),
    );
  });

  it('the window climbs towards the better ratio from either side, and moves on when the hill does', () => {
    const climber = new WindowClimber();
    const observe = (saved: number): boolean => climber.observe({ saved, total: 1, rounds: 4 }, false);
    const climb = (peak: number): void => {
      for (let i = 0; i < 60; i++) observe(0.9 - Math.abs(climber.share - peak));
      expect(Math.abs(climber.share - peak)).toBeLessThan(0.15);
    };
    for (const peak of [0.8, 0.1, 0.5]) climb(peak);
    for (let i = 0; i < 500; i++) observe(i % 2);
    expect(climber.share).toBeGreaterThanOrEqual(0.01);
    expect(climber.share).toBeLessThanOrEqual(0.99);
  });

  it('the window leaps where LRU is ahead, at once and not past its bound', () => {
    const climber = new WindowClimber();
    const early = { saved: 0, total: 1, rounds: 1 };
    expect(climber.observe(early, false)).toBe(false);
    expect(climber.share).toBeLessThan(0.2);
    expect(climber.observe(early, true)).toBe(true);
    expect(climber.share).toBeGreaterThan(0.5);
    for (let i = 0; i < 9; i++) climber.observe(early, true);
    expect(climber.share).toBe(0.99);
  });

  it('the shadow knows when LRU would have hit, and follows a bounded number of keys', () => {
    const sketch = new FrequencySketch(SEED);
    const shadow = new RecencyShadow(100_000, 1e9);
    const access = (key: string, isHit: boolean): void => {
      const hash = sketch.hash(key);
      if (shadow.samples(hash)) shadow.access(key, hash, 10, 5, isHit);
    };
    for (let i = 0; i < 20_000; i++) access(`k${i}`, false);
    expect(shadow.size).toBeLessThanOrEqual(512);
    expect(shadow.size).toBeGreaterThan(128);
    expect(shadow.takeLead()).toBe(false);
    for (let i = 0; i < 20_000; i++) access(`k${i}`, true);
    expect(shadow.takeLead()).toBe(false);
    for (let round = 0; round < 3; round++) for (let i = 0; i < 20_000; i++) access(`k${i}`, false);
    expect(shadow.takeLead()).toBe(true);
    shadow.clear();
    expect(shadow.size).toBe(0);
    expect(shadow.takeLead()).toBe(false);
    // Keys that LRU would have lost in between are no lead of LRU.
    const small = new RecencyShadow(50, 1e9);
    for (let i = 0; i < 5000; i++) small.access(`${i % 60}`, 0, 10, 5, false);
    expect(small.takeLead()).toBe(false);
    expect(small.size).toBe(50);
  });

  it('the optimum is that of brute force on a known example', () => {
    // Belady's own kind of string: three frames, nine faults of twelve for OPT with 7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1.
    const trace = toTrace([7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]);
    expect(optimal(trace, 3).hits).toBe(11);
  });
});

const folder = join(
  process.env['HOTPATH_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url)),
  'traces',
);
const hasTraces = existsSync(folder);
if (!hasTraces) console.log('cost-policy.test.ts: real traces skipped, HOTPATH_DATA has no folder "traces"');

describe.skipIf(!hasTraces)('real traces', () => {
  it.each([
    ['2_pools', 100, 0.1],
    ['gli', 1000, 0.2],
    ['multi1', 1500, 0.2],
    ['sprite', 1000, -0.02],
    ['web07', 500, 0.01],
    ['zigzag', 1000, -0.02],
  ])('%s at %i entries: at least LRU %f', (name, capacity, margin) => {
    const trace = readTrace(join(folder, `${name}.gz`));
    expect(hitRatio(cost, trace, capacity)).toBeGreaterThan(hitRatio(lruPolicy, trace, capacity) + margin);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costPolicy, seededCostPolicy } from '../../src/cache/cost-policy.js';
import type { EvictionPolicy, PolicyFactory, PolicyNode } from '../../src/cache/eviction-policy.js';
import { lruPolicy } from '../../src/cache/lru-policy.js';

const SEED = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff));
console.log(`eviction-policy.test.ts: FC_SEED=${SEED}`);

function nodeOf(key: string, bytes = 1, cost = 1): PolicyNode {
  return { key, bytes, cost, prev: undefined, next: undefined, queue: 0, freq: 0, rank: 0 };
}

function build(factory: PolicyFactory, maxEntries: number, maxBytes = Number.POSITIVE_INFINITY) {
  const evicted: PolicyNode[] = [];
  const policy = factory<PolicyNode>({ maxEntries, maxBytes, onEvict: (node) => evicted.push(node) });
  return { policy, evicted };
}

/** Books, bounds and content against what went in and what was reported. */
function audit(policy: EvictionPolicy<PolicyNode>, live: Map<string, PolicyNode>, entries: number, bytes: number) {
  const nodes = [...policy.nodes()];
  expect(nodes.length).toBe(live.size);
  expect(new Set(nodes)).toEqual(new Set(live.values()));
  expect(policy.size).toBe(nodes.length);
  expect(policy.bytes).toBe(nodes.reduce((sum, node) => sum + node.bytes, 0));
  expect(policy.size).toBeLessThanOrEqual(entries);
  expect(policy.bytes).toBeLessThanOrEqual(bytes);
  for (const [key, node] of live) expect(policy.peek(key)).toBe(node);
}

const operation = fc.record({
  kind: fc.constantFrom('get', 'get', 'set', 'set', 'set', 'set', 'delete', 'evict', 'peek', 'clear' as const),
  key: fc.integer({ min: 0, max: 30 }).map(String),
  bytes: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(60, 1e9, Number.MAX_SAFE_INTEGER)),
  cost: fc.constantFrom(0, 1, 5, 400, 8000, 1e300),
  unlikely: fc.integer({ min: 0, max: 20 }),
});

describe.each([
  ['lru', lruPolicy],
  ['cost', costPolicy],
] as const)('%s policy', (_name, factory) => {
  it('holds both bounds and exact books after every operation, and reports each eviction once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(1, 10, 50, 100, Number.POSITIVE_INFINITY),
        fc.array(operation, { maxLength: 400 }),
        (maxEntries, maxBytes, operations) => {
          // Without a byte bound the sum itself must stay a safe integer: huge sizes are tested under a bound.
          const cap = maxBytes === Number.POSITIVE_INFINITY ? 1e9 : Number.MAX_SAFE_INTEGER;
          const live = new Map<string, PolicyNode>();
          const reported = new Set<PolicyNode>();
          const policy = factory<PolicyNode>({
            maxEntries,
            maxBytes,
            onEvict: (node) => {
              expect(reported.has(node)).toBe(false);
              expect(live.get(node.key)).toBe(node);
              reported.add(node);
              live.delete(node.key);
            },
          });
          for (const { kind, key, bytes, cost, unlikely } of operations) {
            if (kind === 'set') {
              const node = nodeOf(key, Math.min(bytes, cap), cost);
              live.set(key, node);
              policy.set(node);
              expect(reported.has(node)).toBe(policy.peek(key) === undefined);
            } else if (kind === 'get' || kind === 'peek') {
              expect(policy[kind](key)).toBe(live.get(key));
            } else if (kind === 'delete') {
              const expected = live.get(key);
              live.delete(key);
              expect(policy.delete(key)).toBe(expected);
            } else if (kind === 'evict') {
              const before = live.size;
              const node = policy.evict();
              expect(node === undefined).toBe(before === 0);
              if (node !== undefined) expect(reported.has(node)).toBe(true);
              expect(live.size).toBe(Math.max(0, before - 1));
            } else if (unlikely === 0) {
              live.clear();
              policy.clear();
            }
            audit(policy, live, maxEntries, maxBytes);
          }
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('evicts exactly what was put minus what is left, over many turns', () => {
    const { policy, evicted } = build(factory, 100, 1000);
    for (let i = 0; i < 20_000; i++) {
      const key = `k${(i * 7919) % 501}`;
      if (policy.get(key) === undefined) policy.set(nodeOf(key, 1 + (i % 40)));
      expect(policy.size).toBeLessThanOrEqual(100);
      expect(policy.bytes).toBeLessThanOrEqual(1000);
    }
    expect(new Set(evicted).size).toBe(evicted.length);
    for (const node of policy.nodes()) expect(evicted.includes(node)).toBe(false);
  });

  it('does not report a replaced node, and takes over its bytes', () => {
    const { policy, evicted } = build(factory, 10, 100);
    policy.set(nodeOf('a', 40));
    const second = nodeOf('a', 70);
    policy.set(second);
    expect(evicted).toEqual([]);
    expect(policy.get('a')).toBe(second);
    expect([policy.size, policy.bytes]).toEqual([1, 70]);
  });

  it('refuses a node larger than maxBytes and keeps nothing under its key', () => {
    const { policy, evicted } = build(factory, 10, 100);
    policy.set(nodeOf('a', 10));
    policy.set(nodeOf('b', 10));
    const large = nodeOf('a', 101);
    policy.set(large);
    expect(evicted).toEqual([large]);
    expect(policy.peek('a')).toBeUndefined();
    expect(policy.bytes).toBe(10);
    for (const bytes of [Number.POSITIVE_INFINITY, Number.NaN, 1e300]) policy.set(nodeOf('c', bytes));
    expect(evicted.length).toBe(4);
    expect(policy.bytes).toBe(10);
  });

  it('holds one entry when one is allowed: the newest', () => {
    const { policy, evicted } = build(factory, 1);
    for (const key of ['a', 'b', 'b', 'c']) policy.set(nodeOf(key));
    expect(policy.get('c')?.key).toBe('c');
    expect(policy.size).toBe(1);
    expect(evicted.map((node) => node.key)).toEqual(['a', 'b']);
  });

  it('keeps the newest entry of ordinary size until the next set', () => {
    const { policy } = build(factory, 50, 50_000);
    for (let i = 0; i < 5000; i++) {
      policy.set(nodeOf(`k${i}`, 1 + ((i * 37) % 3000), 1 + (i % 900)));
      expect(policy.peek(`k${i}`)).toBeDefined();
    }
  });

  it('is empty after evicting down to nothing, and usable afterwards', () => {
    const { policy, evicted } = build(factory, 100);
    for (let i = 0; i < 100; i++) policy.set(nodeOf(String(i), 3, i));
    for (let i = 0; i < 100; i++) expect(policy.evict()).toBe(evicted.at(-1));
    expect(policy.evict()).toBeUndefined();
    expect([policy.size, policy.bytes]).toEqual([0, 0]);
    policy.set(nodeOf('again'));
    expect(policy.get('again')?.key).toBe('again');
  });

  it('keeps an entry that is hit all the time while others pass', () => {
    const { policy } = build(factory, 50);
    policy.set(nodeOf('hot'));
    for (let i = 0; i < 5000; i++) {
      expect(policy.get('hot')?.key).toBe('hot');
      policy.set(nodeOf(`cold${i}`));
    }
  });

  it('stays in order when onEvict deletes or sets', () => {
    const policy: EvictionPolicy<PolicyNode> = factory<PolicyNode>({
      maxEntries: 8,
      maxBytes: 100,
      onEvict: (node) => void policy.delete(String((Number(node.key) + 1) % 40)),
    });
    for (let i = 0; i < 3000; i++) {
      const key = String((i * 17) % 40);
      if (policy.get(key) === undefined) policy.set(nodeOf(key, 1 + (i % 30), i % 7));
      expect(policy.bytes).toBe([...policy.nodes()].reduce((sum, node) => sum + node.bytes, 0));
      expect(policy.bytes).toBeLessThanOrEqual(100);
      expect(policy.size).toBeLessThanOrEqual(8);
    }
  });
});

describe('lru policy, order', () => {
  it('evicts in order of arrival without hits, and spares what was hit', () => {
    const { policy, evicted } = build(lruPolicy, 4);
    for (const key of ['a', 'b', 'c', 'd']) policy.set(nodeOf(key));
    policy.get('a');
    policy.peek('b');
    policy.set(nodeOf('e'));
    policy.set(nodeOf('f'));
    expect(evicted.map((node) => node.key)).toEqual(['b', 'c']);
  });

  it('spares what was hit under a byte bound alone, where generations never turn', () => {
    const { policy, evicted } = build(lruPolicy, 1000, 4);
    for (const key of ['a', 'b', 'c', 'd']) policy.set(nodeOf(key));
    policy.get('a');
    policy.set(nodeOf('e'));
    policy.set(nodeOf('f'));
    expect(evicted.map((node) => node.key)).toEqual(['b', 'c']);
  });

  it('treats a replaced entry as new', () => {
    const { policy, evicted } = build(lruPolicy, 3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) policy.set(nodeOf(key));
    expect(evicted.map((node) => node.key)).toEqual(['b']);
  });
});

it('the seeded cost policy repeats itself', () => {
  const run = (): string[] => {
    const { policy, evicted } = build(seededCostPolicy(7), 20);
    for (let i = 0; i < 2000; i++) if (!policy.get(`${(i * i) % 97}`)) policy.set(nodeOf(`${(i * i) % 97}`));
    return evicted.map((node) => node.key);
  };
  expect(run()).toEqual(run());
});

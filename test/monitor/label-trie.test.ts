import { describe, expect, it } from 'vitest';
import { LabelTrie } from '../../src/monitor/label-trie.js';

describe('known label sets', () => {
  it('are found by names in their order and values as they stand', () => {
    const trie = new LabelTrie<number>();
    for (let model = 0; model < 5; model++) {
      for (let tenant = 0; tenant < 20; tenant++)
        trie.remember({ model, tenant: String(tenant), hit: true }, model * 100 + tenant);
    }
    for (let model = 0; model < 5; model++) {
      for (let tenant = 0; tenant < 20; tenant++) {
        expect(trie.find({ model, tenant: String(tenant), hit: true })).toBe(model * 100 + tenant);
      }
    }
    for (const other of [
      { model: 1, tenant: '1', hit: false },
      { model: '1', tenant: '1', hit: true },
      { tenant: '1', model: 1, hit: true },
      { model: 1, tenant: '1' },
      { model: 1, tenant: '1', hit: true, more: 1 },
      {},
    ]) {
      expect(trie.find(other), JSON.stringify(other)).toBeUndefined();
    }
  });

  it('of several orders and lengths stand beside each other', () => {
    const trie = new LabelTrie<string>();
    trie.remember({ a: 1 }, 'a');
    trie.remember({ a: 1, b: 2 }, 'ab');
    trie.remember({ b: 2, a: 1 }, 'ba');
    expect([trie.find({ a: 1 }), trie.find({ a: 1, b: 2 }), trie.find({ b: 2, a: 1 })]).toEqual(['a', 'ab', 'ba']);
  });

  it('are bounded: past so many it begins anew', () => {
    const trie = new LabelTrie<number>();
    for (let i = 0; i < 2_001; i++) trie.remember({ id: i }, i);
    expect(trie.find({ id: 0 })).toBeUndefined();
    expect(trie.find({ id: 2_000 })).toBe(2_000);
    for (let i = 0; i < 20; i++) trie.remember({ [`name${i}`]: 1 }, i);
    expect(trie.find({ name19: 1 })).toBe(19);
    expect(trie.find({ name0: 1 })).toBeUndefined();
  });

  it('do not hold on to objects', () => {
    const trie = new LabelTrie<number>();
    const labels = { a: {} } as never;
    trie.remember(labels, 1);
    expect(trie.find(labels)).toBeUndefined();
  });
});

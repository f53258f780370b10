import { describe, expect, it } from 'vitest';
import { DEBT_MS, FairShare } from '../../src/async/fair-share.js';
import { LATELY_MS } from '../../src/async/headroom.js';
import { PriorityLevel } from '../../src/async/priority-levels.js';
import { WaitingQueue } from '../../src/async/waiting-queue.js';
import { WaitingCall } from './waiting-call.js';

function queueOf(): WaitingQueue {
  return new WaitingQueue({ max: Number.POSITIVE_INFINITY, policy: 'reject', ageingMs: 10_000 });
}

/** A gate in short: so many slots, calls that end when told to. */
class Gate {
  readonly queue = queueOf();
  readonly running: string[] = [];
  now = 0;
  #calls = 0;

  constructor(
    readonly limit: number,
    readonly isRateBound = false,
  ) {}

  get free(): number {
    return this.limit - this.running.length;
  }

  come(group: string, tokens = 0, priority = 0): void {
    if (this.queue.size === 0 && this.free > 0 && this.queue.mayEnter(group, this.free, this.limit, this.now))
      this.#start(group, tokens);
    else this.queue.push(new WaitingCall(this.#calls++, { group, tokens, priority, since: this.now }), this.now);
  }

  /** Lets in whoever may go, at most so many, and says of which groups they were. */
  admit(most = Number.POSITIVE_INFINITY): string[] {
    const groups: string[] = [];
    while (this.free > 0 && groups.length < most) {
      const call = this.queue.peek(this.now, this.free, this.limit, this.isRateBound);
      if (call === undefined) break;
      this.queue.remove(call);
      this.#start(call.group, call.tokens);
      groups.push(call.group);
    }
    return groups;
  }

  end(group: string): void {
    this.running.splice(this.running.indexOf(group), 1);
    if (this.queue.hasGroups) this.queue.left(group, this.now);
  }

  #start(group: string, tokens: number): void {
    this.running.push(group);
    if (this.queue.hasGroups) this.queue.entered(group, tokens, this.now);
  }
}

function times<T>(n: number, fn: () => T): T[] {
  return Array.from({ length: n }, fn);
}

describe('slots are scarce', () => {
  it('the group with the fewest goes first', () => {
    const gate = new Gate(6);
    times(12, () => gate.come('noisy'));
    times(3, () => gate.come('quiet'));
    expect(gate.running).toEqual(times(6, () => 'noisy'));
    const served = times(4, () => {
      gate.end('noisy');
      return gate.admit()[0];
    });
    expect(served).toEqual(['quiet', 'quiet', 'quiet', 'noisy']);
  });

  it('of groups with as many, the one that was served least recently goes first', () => {
    const gate = new Gate(1);
    gate.come('running');
    for (const group of ['a', 'b', 'c']) times(2, () => gate.come(group));
    const served = times(6, () => {
      gate.end(gate.running[0]!);
      gate.now++;
      return gate.admit()[0];
    });
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('a group that comes goes before those that were served just now', () => {
    const gate = new Gate(1);
    gate.come('running');
    for (const group of ['a', 'b']) times(2, () => gate.come(group));
    const next = (): string | undefined => {
      gate.now += 1_000;
      gate.end(gate.running[0]!);
      return gate.admit()[0];
    };
    expect([next(), next()]).toEqual(['a', 'b']);
    gate.come('new');
    expect([next(), next(), next()]).toEqual(['new', 'a', 'b']);
  });

  it('calls of one group keep their order', () => {
    const queue = queueOf();
    const calls = [0, 1, 2, 3].map((id) => new WaitingCall(id, { group: id === 1 ? 'b' : 'a' }));
    for (const call of calls) queue.push(call, 0);
    const ids: unknown[] = [];
    for (let call = queue.peek(0, 9, 9, false); call !== undefined; call = queue.peek(0, 9, 9, false)) {
      queue.remove(call);
      if (call.group === 'a') ids.push((call as WaitingCall).id);
    }
    expect(ids).toEqual([0, 2, 3]);
  });

  it('a priority counts more, as long as its group is within its share', () => {
    const gate = new Gate(6);
    for (const group of ['a', 'b']) times(3, () => gate.come(group));
    gate.come('a');
    gate.come('b', 0, 1);
    for (const group of ['a', 'a', 'b']) gate.end(group);
    expect(gate.admit(1)).toEqual(['b']);
  });
});

describe('the rate is scarce', () => {
  it('each group gets as many calls, however many slots it holds', () => {
    const gate = new Gate(100, true);
    gate.come('a');
    gate.queue.push(new WaitingCall('x', { group: 'a' }), 0);
    for (const group of ['a', 'b', 'c']) times(20, () => gate.queue.push(new WaitingCall(group, { group }), 0));
    const served = gate.admit(30);
    for (const group of ['a', 'b', 'c']) {
      expect(served.filter((g) => g === group).length, group).toBeGreaterThanOrEqual(9);
    }
  });

  it('a group of calls with many tokens gets fewer of them', () => {
    const gate = new Gate(100, true);
    gate.come('first');
    for (const [group, tokens] of [
      ['short', 100],
      ['long', 10_000],
    ] as const)
      times(60, () => gate.queue.push(new WaitingCall(group, { group, tokens }), 0));
    const served = gate.admit(50);
    const long = served.filter((g) => g === 'long').length;
    expect(long).toBeGreaterThanOrEqual(5);
    expect(long).toBeLessThanOrEqual(18);
  });

  it('a pause does not clear what a group used beyond its share', () => {
    const share = new FairShare('a', 0);
    share.tend(0, 8, 8);
    share.entered('a', 0, 0);
    times(5, () => share.entered('greedy', 0, 0));
    share.left('a', 0);
    times(5, () => share.left('greedy', 0));
    const before = share.of('greedy', 0).start;
    share.forget(LATELY_MS);
    expect(share.of('greedy', LATELY_MS).start).toBe(before);
    share.forget(DEBT_MS);
    expect(share.of('greedy', DEBT_MS).start).toBeLessThan(before);
  });
});

describe('headroom', () => {
  function atWork(limit: number): Gate {
    const gate = new Gate(limit);
    gate.come('quiet');
    times(3 * limit, () => gate.come('noisy'));
    gate.admit();
    return gate;
  }

  it('a slot is kept free for a group that was at work lately', () => {
    const gate = atWork(8);
    gate.end('quiet');
    gate.admit();
    expect(gate.free).toBe(1);
    gate.now = LATELY_MS - 1;
    expect(gate.admit()).toEqual([]);
    gate.come('quiet');
    expect(gate.admit()).toEqual(['quiet']);
  });

  it('one more is kept free than the group ever wanted', () => {
    expect(atWork(8).free).toBe(1);
  });

  it('as many are kept free as the group wanted at once, within its share', () => {
    const gate = new Gate(16);
    times(5, () => gate.come('quiet'));
    times(40, () => gate.come('noisy'));
    gate.admit();
    times(5, () => gate.end('quiet'));
    gate.admit();
    expect(gate.free).toBe(5);
  });

  it('nothing is kept free for a group that has gone', () => {
    const gate = atWork(8);
    gate.end('quiet');
    gate.now = DEBT_MS;
    gate.admit();
    expect(gate.free).toBe(0);
    expect(gate.queue.hasGroups).toBe(false);
  });

  it('nothing is remembered of a group that wanted more than its share', () => {
    const gate = new Gate(16);
    for (const group of ['passing', 'noisy']) times(40, () => gate.come(group));
    gate.admit();
    for (let call = 0; call < 40; call++) {
      gate.end('passing');
      gate.admit();
    }
    // Half its share at most: from there on it was like a quiet one.
    expect(gate.free).toBeLessThanOrEqual(4);
  });

  it('nothing is kept free while all want more than their share', () => {
    for (const limit of [1, 2, 3, 5, 8, 13]) {
      const gate = new Gate(limit);
      for (const group of ['a', 'b', 'c']) times(2 * limit, () => gate.come(group));
      gate.admit();
      expect(gate.free, `limit ${limit}`).toBe(0);
    }
  });

  it('a group without a slot may take the last one', () => {
    const { queue } = new Gate(4);
    for (const group of ['busy', 'quiet', 'busy', 'busy']) {
      queue.mayEnter(group, 4, 4, 0);
      queue.entered(group, 0, 0);
    }
    queue.left('quiet', 0);
    expect(queue.mayEnter('busy', 1, 4, 0)).toBe(false);
    expect(queue.mayEnter('quiet', 1, 4, 0)).toBe(true);
    expect(queue.mayEnter('new', 1, 4, 0)).toBe(true);
  });

  it('somebody may always go when all slots are free', () => {
    const gate = new Gate(1);
    for (let round = 0; round < 50; round++) {
      for (const group of ['a', 'b', 'c', 'd']) gate.come(group);
      gate.admit();
      expect(gate.free).toBe(0);
      gate.end(gate.running[0]!);
      gate.now += 100;
    }
  });
});

describe('the book of groups', () => {
  it('is not kept while there is one group', () => {
    const gate = new Gate(4);
    times(20, () => gate.come('only'));
    expect(gate.queue.hasGroups).toBe(false);
  });

  it('is opened by the second group, however it comes', () => {
    const waits = queueOf();
    waits.push(new WaitingCall(1, { group: 'a' }), 0);
    waits.push(new WaitingCall(2, { group: 'b' }), 0);
    expect(waits.hasGroups).toBe(true);
    const asks = queueOf();
    asks.mayEnter('a', 4, 4, 0);
    asks.mayEnter('b', 4, 4, 0);
    expect(asks.hasGroups).toBe(true);
    const enters = queueOf();
    enters.entered('a', 0, 0);
    enters.entered('b', 0, 0);
    expect(enters.hasGroups).toBe(true);
  });

  it('counts the slots that the first group held already', () => {
    const gate = new Gate(4);
    times(6, () => gate.come('first'));
    times(6, () => gate.come('second'));
    const served = times(4, () => {
      gate.end('first');
      return gate.admit()[0];
    });
    // Until both hold two.
    expect(served.slice(0, 2)).toEqual(['second', 'second']);
    expect(gate.running.filter((group) => group === 'first').length).toBe(2);
  });

  it('keeps every waiting call, in order, when it is opened and closed', () => {
    const gate = new Gate(1);
    gate.come('a');
    times(3, () => gate.come('a', 0, 1));
    times(3, () => gate.come('a'));
    gate.come('b');
    expect(gate.queue.size).toBe(7);
    const order: unknown[] = [];
    for (let i = 0; i < 7; i++) {
      gate.end(gate.running[0]!);
      // Long calls: the other group is forgotten on the way.
      gate.now += DEBT_MS / 2;
      const call = gate.queue.peek(gate.now, 1, 1, false) as WaitingCall;
      order.push(call.group === 'b' ? 'b' : call.id);
      gate.admit(1);
    }
    expect(order.filter((id) => id !== 'b')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order).toContain('b');
    expect(gate.queue.size).toBe(0);
    expect(gate.queue.hasGroups).toBe(false);
  });

  it('forgets tenants that come and go', () => {
    const share = new FairShare('first', 0);
    share.tend(0, 8, 8);
    let most = 0;
    for (let tenant = 0; tenant < 10_000; tenant++) {
      const now = tenant * 100;
      share.tend(now, 8, 8);
      share.entered(`tenant ${tenant}`, 10, now);
      share.left(`tenant ${tenant}`, now + 50);
      most = Math.max(most, share.known);
    }
    expect(most).toBeLessThanOrEqual(DEBT_MS / 100 + 2);
    share.tend(1_000_000 + DEBT_MS + LATELY_MS, 8, 8);
    share.tend(1_000_000 + 2 * DEBT_MS, 8, 8);
    expect(share.known).toBe(0);
  });

  it('forgets tenants that only ever wait in vain', () => {
    const queue = queueOf();
    for (let tenant = 0; tenant < 2_000; tenant++) {
      const call = new WaitingCall(tenant, { group: `tenant ${tenant}`, since: tenant });
      queue.push(call, tenant);
      queue.remove(call);
    }
    expect(queue.hasGroups).toBe(true);
    expect(queue.peek(1e6, 1, 1, false)).toBeUndefined();
    queue.mayEnter('last', 1, 1, 1e6);
    expect(queue.hasGroups).toBe(false);
  });

  it('forgets them also while nobody is let in', () => {
    const share = new FairShare('first', 0);
    share.tend(0, 8, 8);
    const level = new PriorityLevel(0, false);
    for (let tenant = 0; tenant < 5_000; tenant++) {
      const call = new WaitingCall(tenant, { group: `tenant ${tenant}`, since: tenant * 100 });
      share.add(call, level, call.since, false);
      share.remove(call, level);
    }
    expect(share.known).toBeLessThanOrEqual(LATELY_MS / 100 + 1);
  });

  it('counts as slots of the first group only those that no other holds', () => {
    const { queue } = new Gate(8);
    for (const group of ['first', 'first', 'second', 'second', 'second']) queue.entered(group, 0, 0);
    queue.push(new WaitingCall(1, { group: 'second' }), 1);
    queue.push(new WaitingCall(2, { group: 'first' }), 2);
    expect(queue.peek(2, 8 - 5, 8, false)?.group).toBe('first');
  });

  it('bears a group that leaves without having entered', () => {
    const queue = queueOf();
    queue.mayEnter('a', 4, 4, 0);
    queue.mayEnter('b', 4, 4, 0);
    for (const group of ['a', 'b', 'nobody']) queue.left(group, 1);
    expect(queue.mayEnter('a', 1, 4, 2)).toBe(true);
  });
});

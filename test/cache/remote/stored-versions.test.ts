import { describe, expect, it } from 'vitest';
import { keyvStore } from '../../../src/cache/remote/keyv-source.js';
import { MOST_STORED, StoredVersions } from '../../../src/cache/remote/stored-versions.js';
import { WriteOrder } from '../../../src/cache/remote/write-order.js';
import { flushMicrotasks, ManualClock } from '../../manual-clock.js';
import { SeededRandom, seedOf } from '../../random.js';
import { MeddledStore } from './keyv-nodes.js';

function build(): { clock: ManualClock; store: MeddledStore; process: () => StoredVersions } {
  const clock = new ManualClock();
  const store = new MeddledStore();
  return {
    clock,
    store,
    process: () => new StoredVersions(keyvStore(store), 'v', clock, new WriteOrder(clock, 500)),
  };
}

const count = (list: readonly string[], what: string): number => list.filter((one) => one === what).length;

describe('versions in a store without counters', () => {
  it('begin at the clock, and rise with every invalidation, whatever the clock does', async () => {
    const { clock, process } = build();
    const one = process();
    const start = await one.read(0, 0);
    expect(start).toMatchObject({ sequence: clock.now() * 1000, birth: clock.now() * 1000, floor: 0, names: [] });
    const versions: number[] = [];
    for (let i = 0; i < 3; i++) versions.push((await one.invalidate(['tx'], 0)).sequence);
    expect(versions).toEqual([1, 2, 3].map((i) => start.sequence + i));
    clock.advance(5);
    expect((await one.invalidate(['tx'], 0)).sequence).toBe(clock.now() * 1000);
    expect((await one.invalidate(['tx'], 9e15)).sequence).toBe(9e15);
  });

  it('are read from a number on', async () => {
    const { process } = build();
    const [one, two] = [process(), process()];
    const { sequence } = await one.invalidate(['ta', 'pb'], 0);
    await one.invalidate(['Tc'], 0);
    expect((await two.read(0, 0)).names.map(([name]) => name).sort()).toEqual(['Tc', 'pb', 'ta']);
    expect((await two.read(sequence, 0)).names).toEqual([['Tc', sequence + 1]]);
  });

  it('one birth, however many come first at the same moment', async () => {
    const { store, process } = build();
    const one = process();
    const births = await Promise.all(Array.from({ length: 20 }, () => one.read(0, 0)));
    expect(new Set(births.map(({ birth }) => birth)).size).toBe(1);
    expect(await process().read(0, 0)).toMatchObject({ birth: births[0]!.birth });
    store.data.clear();
    const again = await Promise.all(Array.from({ length: 20 }, () => one.read(0, 0)));
    expect(new Set(again.map(({ birth }) => birth)).size).toBe(1);
    expect(again[0]!.birth).toBeGreaterThan(births[0]!.birth);
    expect(again[0]!.sequence).toBeGreaterThan(births[0]!.sequence);
  });

  it('one birth, also for those who come before the record is written', async () => {
    const { clock, store, process } = build();
    const one = process();
    store.holds = (operation) => operation === 'set';
    const first = one.read(0, 0);
    await flushMicrotasks();
    store.holds = () => false;
    const second = one.read(0, 0);
    await flushMicrotasks();
    await store.letGo();
    for (const { birth } of [await first, await second]) expect(birth).toBe(clock.now() * 1000);
  });

  it.each([
    ['nothing', undefined],
    ['damage', '{"sequence":1'],
    ['nonsense', '{"sequence":1,"birth":0,"floor":0,"names":{}}'],
  ])('where the record becomes %s are born anew', async (_what, record) => {
    const { store, process } = build();
    const one = process();
    const before = await one.invalidate(['tx'], 0);
    if (record === undefined) store.data.delete('v');
    else store.data.set('v', record);
    const after = await one.read(0, 0);
    expect(after.birth).toBeGreaterThan(before.sequence);
    expect(after.names).toEqual([]);
    expect(await process().read(0, 0)).toEqual(after);
  });

  it('of an older life do not come back', async () => {
    const { store, process, clock } = build();
    const one = process();
    await one.invalidate(['tx'], 0);
    const old = store.data.get('v');
    store.data.clear();
    clock.advance(1);
    const { birth } = await one.read(0, 0);
    store.data.set('v', old);
    expect(await one.read(0, 0)).toMatchObject({ birth });
    expect(await process().read(0, 0)).toMatchObject({ birth });
  });

  it('that another process has overwritten are written again with the next look', async () => {
    const { store, process } = build();
    const [one, two] = [process(), process()];
    await one.read(0, 0);
    const before = store.data.get('v');
    await one.invalidate(['ta'], 0);
    store.data.set('v', before);
    await two.invalidate(['tb'], 0);
    expect((await process().read(0, 0)).names.map(([name]) => name)).toEqual(['tb']);
    await one.read(0, 0);
    expect((await process().read(0, 0)).names.map(([name]) => name).sort()).toEqual(['ta', 'tb']);
    store.asked.length = 0;
    for (const each of [one, two, one, two]) await each.read(0, 0);
    expect(store.asked).not.toContain('set v');
  });

  it('go out together where many come at once, and none is lost', async () => {
    const { store, process } = build();
    const one = process();
    await one.read(0, 0);
    store.asked.length = 0;
    const names = Array.from({ length: 200 }, (_, i) => `t${i}`);
    const answers = await Promise.all(names.map((name) => one.invalidate([name], 0)));
    expect(count(store.asked, 'set v')).toBe(2);
    names.forEach((name, i) => {
      const own = answers[i]!.names.find(([member]) => member === name);
      expect(own?.[1]).toBeLessThanOrEqual(answers[i]!.sequence);
    });
    expect((await process().read(0, 0)).names).toHaveLength(200);
  });

  it('that are too many are forgotten from the oldest on, and the floor rises to them', async () => {
    const { process } = build();
    const one = process();
    const versions: number[] = [];
    for (let i = 0; i < MOST_STORED + 10; i++) versions.push((await one.invalidate([`t${i}`], 0)).sequence);
    const { names, floor } = await process().read(0, 0);
    expect(names).toHaveLength(MOST_STORED);
    expect(floor).toBe(versions[9]);
  });

  it('clear forgets names, in other processes too', async () => {
    const { process } = build();
    const [one, two] = [process(), process()];
    await one.invalidate(['ta'], 0);
    await two.read(0, 0);
    const { sequence } = await one.invalidate(undefined, 0);
    expect(await two.read(0, 0)).toMatchObject({ floor: sequence, names: [] });
    expect(await process().read(0, 0)).toMatchObject({ floor: sequence, names: [] });
  });

  it('converge to the greatest of all, whatever the order of reads and writes', async () => {
    const seed = seedOf('versions in a store');
    const random = new SeededRandom(seed);
    const { store, process, clock } = build();
    const all = [process(), process(), process()];
    for (const one of all) await one.read(0, 0);
    const greatest = new Map<string, number>();
    const running: Promise<void>[] = [];
    store.holds = () => random.next() < 0.5;
    for (let i = 0; i < 300; i++) {
      const one = all[Math.floor(random.next() * 3)]!;
      const name = `t${Math.floor(random.next() * 5)}`;
      running.push(
        one.invalidate([name], 0).then(({ names }) => {
          for (const [member, version] of names) greatest.set(member, Math.max(version, greatest.get(member) ?? 0));
        }),
      );
      if (random.next() < 0.3) await store.letGo();
      if (random.next() < 0.1) clock.advance(1);
    }
    store.holds = () => false;
    while (store.held > 0) await store.letGo();
    await Promise.all(running);
    for (let round = 0; round < 2; round++) for (const one of all) await one.read(0, 0);
    for (const one of [...all, process()]) {
      expect(new Map((await one.read(0, 0)).names), `seed ${seed}`).toEqual(greatest);
    }
  });
});

describe('the order of writes', () => {
  it('of one name is that of the calls, and no other name waits', async () => {
    const order = new WriteOrder(new ManualClock(), 500);
    const log: string[] = [];
    const gates: (() => void)[] = [];
    const write = (text: string) => () =>
      new Promise<void>((resolve) => {
        log.push(text);
        gates.push(resolve);
      });
    const never = (): never => {
      throw new Error('overtaken');
    };
    const done = [
      order.run('a', write('a1'), never),
      order.run('a', write('a2'), never),
      order.run('b', write('b1'), never),
    ];
    expect(log).toEqual(['a1', 'b1']);
    gates[0]!();
    await flushMicrotasks();
    expect(log).toEqual(['a1', 'b1', 'a2']);
    for (const open of gates) open();
    await Promise.all(done);
  });

  it('goes on after one that failed, and after one that takes too long, which is told of when it ends', async () => {
    const clock = new ManualClock();
    const order = new WriteOrder(clock, 500);
    let told = 0;
    const tell = (): void => {
      told++;
    };
    await expect(order.run('a', () => Promise.reject(new Error('no')), tell)).rejects.toThrow('no');
    let end = (): void => {};
    const never = new Promise<void>((resolve) => {
      end = resolve;
    });
    const slow = order.run('a', () => never, tell);
    const next = order.run('a', async () => 'done', tell);
    clock.advance(500);
    expect(await next).toBe('done');
    expect(told).toBe(0);
    end();
    await slow;
    await flushMicrotasks();
    expect(told).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

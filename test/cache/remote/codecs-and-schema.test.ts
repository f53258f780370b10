import { expect, it } from 'vitest';
import type { CacheOptions } from '../../../src/cache/index.js';
import { findRedis } from '../../services/redis.js';
import { describeWith } from '../../services/service.js';
import { DeferredLoader, heard } from '../deferred.js';
import { pause, until, useNodes } from './nodes.js';

type Codec = NonNullable<CacheOptions['codec']>;
type Schema = NonNullable<CacheOptions['schema']>;

const reversing: Codec = {
  id: 'reversing',
  encode: (value) => [...JSON.stringify(value)].reverse().join(''),
  decode: (bytes) => JSON.parse([...bytes.toString()].reverse().join('')),
};

const schemaOf = (validate: Schema['~standard']['validate']): Schema => ({ '~standard': { version: 1, validate } });

describeWith('codecs and schemas', await findRedis({ private: true }), (start) => {
  const nodes = useNodes(start);
  const bytesOf = async (key: string): Promise<Buffer> => (await nodes.raw.getBuffer(nodes.names.value(key)))!;

  it('what JSON has no word for survives the way to another node', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    const value = {
      date: new Date(0),
      map: new Map<unknown, unknown>([[1, new Set([2n])]]),
      bytes: Buffer.from('abc'),
      floats: new Float32Array([1, 2]),
      error: new TypeError('text'),
      nothing: undefined,
      nan: Number.NaN,
    };
    await here.set('k', value);
    const found = (await there.get('k')) as typeof value;
    expect(found.date).toEqual(value.date);
    expect(found.map).toEqual(value.map);
    expect(Buffer.isBuffer(found.bytes) && found.bytes.equals(value.bytes)).toBe(true);
    expect(found.floats).toEqual(value.floats);
    expect(found.error).toBeInstanceOf(TypeError);
    expect(found.nan).toBeNaN();
    await here.set('proto', JSON.parse('{"__proto__":{"polluted":1},"a":1}'));
    const safe = (await there.get('proto')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(safe)).toBe(Object.prototype);
    expect(Object.hasOwn(safe, '__proto__')).toBe(false);
  });

  it('every kind of plain value is kept apart from nothing', async () => {
    const here = await nodes.open();
    const there = await nodes.open();
    for (const value of [null, 0, -0, '', false, [], {}, 'text', 1e300]) {
      await here.set('k', value);
      await until('there has heard', () => there.peek('k') === undefined);
      expect(await there.getOrSet('k', () => 'loaded')).toEqual(value);
    }
  });

  it("a codec of the host's encodes and decodes, at once or later", async () => {
    for (const later of [false, true]) {
      const codec: Codec = later
        ? {
            id: 'later',
            encode: (value) => pause(1).then(() => Buffer.from(reversing.encode(value) as string)),
            decode: (bytes) => pause(1).then(() => reversing.decode(bytes)),
          }
        : reversing;
      const here = await nodes.open({ codec });
      const there = await nodes.open({ codec });
      await nodes.load(here, codec.id, { a: 1 });
      expect((await bytesOf(codec.id)).toString('latin1')).toContain('}1:"a"{');
      expect(await there.get(codec.id)).toEqual({ a: 1 });
      await there.set(codec.id, { a: 2 });
      await until('here has heard', () => here.peek(codec.id) === undefined);
      expect(await here.get(codec.id)).toEqual({ a: 2 });
      expect(await here.getMany([codec.id])).toEqual(new Map([[codec.id, { a: 2 }]]));
    }
  });

  it('what another codec wrote is a miss and stays', async () => {
    const ours = await nodes.open();
    const theirs = await nodes.open({ codec: reversing });
    const others = await nodes.open({ codec: { ...reversing, id: 'reversing 2' } });
    await ours.set('a', 1);
    await theirs.set('b', 1);
    for (const [cache, key] of [
      [theirs, 'a'],
      [ours, 'b'],
      [others, 'b'],
      [others, 'a'],
    ] as const) {
      const told = heard(cache, 'remote:foreign');
      expect(await cache.get(key)).toBeUndefined();
      expect(told.at(-1)).toEqual({ key, why: 'codec' });
    }
    expect(await nodes.raw.exists(nodes.names.value('a'), nodes.names.value('b'))).toBe(2);
  });

  const failing: readonly (readonly [what: string, codec: Codec | undefined, value: unknown])[] = [
    ['the built-in codec', undefined, () => 'a function'],
    [
      'a codec that throws',
      {
        ...reversing,
        encode: () => {
          throw new Error('no');
        },
      },
      'v',
    ],
    ['a codec that rejects', { ...reversing, encode: () => Promise.reject(new Error('no')) }, 'v'],
  ];
  it.each(failing)(
    'what %s cannot encode goes to its caller and to memory, and the next node may load',
    async (_what, codec, value) => {
      const here = await nodes.open(codec ? { codec } : {});
      const there = await nodes.open();
      const errors = heard(here, 'error');
      const loader = new DeferredLoader<unknown>();
      const loading = here.getOrSet('k', loader.load);
      await until('it loads', () => loader.runs === 1);
      const waiting = there.getOrSet('k', () => 'loaded');
      await pause(30);
      const startedAt = performance.now();
      loader.last.resolve(value);
      expect(await loading).toBe(value);
      expect(await waiting).toBe('loaded');
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      expect(errors).toHaveLength(1);
      expect(errors[0]!.error).toMatchObject({ code: 'CODEC' });
      expect(here.stats().remote).toMatchObject({ errors: 0, state: 'closed' });
    },
  );

  it.each(failing)(
    'what %s cannot encode may be set: kept in memory, and what stood there before is gone for all',
    async (_what, codec, value) => {
      const here = await nodes.open({ ...(codec && { codec }), coordinator: { heartbeat: '30ms' } });
      const there = await nodes.open();
      const heardOf = await here.getOrSet('told', () => 1);
      await there.set('k', 'before');
      // What the other node wrote last has been heard of, and with it what it wrote before.
      await there.set('told', heardOf + 1);
      await until('it is told', () => here.peek('told') === undefined);
      const errors = heard(here, 'error');
      expect(await here.set('k', value)).toBe(true);
      expect(errors).toHaveLength(1);
      expect(await here.get('k')).toBe(value);
      await until('it is gone', async () => (await there.get('k')) === undefined);
      await until('nothing is left to be confirmed', () => here.stats().remote!.unconfirmed === 0);
      expect(here.stats().remote).toMatchObject({ errors: 0, state: 'closed' });
    },
  );

  it('what cannot be decoded is a miss, and trouble is told', async () => {
    const here = await nodes.open({ codec: reversing });
    await here.set('k', 1);
    for (const decode of [
      (): never => {
        throw new Error('no');
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const there = await nodes.open({ codec: { ...reversing, decode } });
      const errors = heard(there, 'error');
      expect(await there.get('k')).toBeUndefined();
      expect(errors).toHaveLength(1);
      expect(await there.getOrSet('k', () => 'loaded')).toBe('loaded');
      const third = await nodes.open({ codec: reversing });
      await until('it is stored', async () => (await bytesOf('k')).includes('"dedaol"'));
      expect(await third.get('k')).toBe('loaded');
      await here.set('k', 1);
    }
  });

  it('large values are compressed, small ones are not', async () => {
    const text = 'text '.repeat(10_000);
    const here = await nodes.open();
    const there = await nodes.open();
    const never = await nodes.open({ remote: { store: nodes.url, compressAbove: Number.POSITIVE_INFINITY } });
    const always = await nodes.open({ remote: { store: nodes.url, compressAbove: 10 } });
    await nodes.load(here, 'large', text);
    await nodes.load(never, 'never', text);
    await nodes.load(here, 'small', 'text '.repeat(100));
    await nodes.load(always, 'always', 'text '.repeat(100));
    const flags = async (key: string): Promise<number> => (await bytesOf(key))[10]!;
    expect(await Promise.all(['large', 'never', 'small', 'always'].map(flags))).toEqual([1, 0, 0, 1]);
    expect((await bytesOf('large')).length).toBeLessThan(2_000);
    expect(await there.getMany(['large', 'never'])).toEqual(
      new Map([
        ['large', text],
        ['never', text],
      ]),
    );
    expect(await there.get('always')).toBe('text '.repeat(100));
  });

  it('a value that fails the schema is a miss, and what the schema makes of one is served', async () => {
    const here = await nodes.open();
    await here.setMany([
      ['good', { a: 1 }],
      ['bad', 'text'],
      ['later', { a: 2 }],
    ]);
    const schema = schemaOf((value) => {
      const good = typeof value === 'object' && value !== null;
      if (!good) return { issues: [{ message: 'an object, please' }] };
      const result = { value: { b: 'default', ...value } };
      return (value as { a: number }).a === 2 ? Promise.resolve(result) : result;
    });
    const there = await nodes.open({ schema });
    const misses = heard(there, 'miss');
    const errors = heard(there, 'error');
    expect(await there.get('good')).toEqual({ a: 1, b: 'default' });
    expect(await there.get('later')).toEqual({ a: 2, b: 'default' });
    expect(await there.get('bad')).toBeUndefined();
    expect(misses).toEqual([{ key: 'bad', reason: 'schema' }]);
    expect(String(errors[0]!.error)).toContain('an object, please');
    expect(await there.getOrSet('bad', () => ({ a: 3 }))).toEqual({ a: 3 });
    await until('the new shape is stored', async () => (await bytesOf('bad')).includes('{"a":3}'));
  });

  it('a schema that throws is trouble, and a miss', async () => {
    const here = await nodes.open();
    await here.set('k', 1);
    const schema = schemaOf(() => {
      throw new Error('the schema');
    });
    const there = await nodes.open({ schema });
    const errors = heard(there, 'error');
    expect(await there.getOrSet('k', () => 2)).toBe(2);
    expect(errors.length).toBeGreaterThan(0);
  });

  it.each(['copied', 'frozen'] as const)('values: %s holds for what comes from the shared tier', async (values) => {
    const here = await nodes.open({ values });
    const there = await nodes.open({ values });
    const first = await here.getOrSet('k', () => ({ list: [1] }));
    await nodes.stored('k');
    const reads = [await there.get('k'), await there.get('k'), await there.getOrSet('k', () => ({ list: [2] }))] as {
      list: number[];
    }[];
    for (const value of reads) {
      expect(value).toEqual({ list: [1] });
      if (values === 'frozen') expect(Object.isFrozen(value.list)).toBe(true);
      else value.list.push(2);
    }
    expect(await there.get('k')).toEqual({ list: [1] });
    if (values === 'copied') (first as { list: number[] }).list.push(3);
    expect(await here.get('k')).toEqual({ list: [1] });
    const both = (await Promise.all([there.getEntry('k'), there.getMany(['k'])])) as [
      { value: object },
      Map<string, object>,
    ];
    if (values === 'copied') expect(both[0].value).not.toBe(both[1].get('k'));
  });

  it.each(['copied', 'frozen'] as const)('values: %s holds for those who waited for another node', async (values) => {
    const here = await nodes.open({ values });
    const there = await nodes.open({ values });
    const loader = new DeferredLoader<{ list: number[] }>();
    const first = here.getOrSet('k', loader.load);
    await until('it loads', () => loader.runs === 1);
    const waiting = [there.getOrSet('k', loader.load), there.getOrSet('k', loader.load)];
    await pause(30);
    loader.last.resolve({ list: [1] });
    await first;
    const [a, b] = await Promise.all(waiting);
    expect(a).toEqual({ list: [1] });
    if (values === 'copied') {
      a!.list.push(2);
      expect(b).toEqual({ list: [1] });
    } else expect(Object.isFrozen(a!.list)).toBe(true);
    expect(await there.get('k')).toEqual({ list: [1] });
  });
});

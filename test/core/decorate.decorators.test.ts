import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { type AsyncWrapper, decorate, type Site } from '../../src/core/decorate.js';
import { HotpathError } from '../../src/core/errors.js';

const sites: Site[] = [];
const calls: { owner: string; self: unknown; args: unknown[] }[] = [];

/** A wrapper that writes down where it stands and who calls, and answers with the original's result. */
const witness = decorate<AsyncWrapper>('witness', (original, site) => {
  sites.push(site);
  return function (this: unknown, ...args) {
    calls.push({ owner: site.ownerOf(this), self: this, args });
    return original.apply(this, args);
  };
});

class Base {
  readonly factor: number = 2;
  @witness async times(n: number, _unused?: string): Promise<number> {
    return n * this.factor;
  }
  @witness static async shared(n: number): Promise<string> {
    return `shared ${n}`;
  }
  @witness async #hidden(n: number): Promise<number> {
    return n + this.factor;
  }
  async viaHidden(n: number): Promise<number> {
    return this.#hidden(n);
  }
}
class Child extends Base {
  override readonly factor = 3;
}
class Overriding extends Base {
  @witness override async times(n: number): Promise<number> {
    return (await super.times(n)) + 1;
  }
}
const siteOf = (name: string): Site | undefined => sites.find((site) => site.name === name);
const lastCall = () => calls.at(-1);

describe('the plain form', () => {
  const original = async (a: number, b: number): Promise<number> => a + b;

  it('wraps and calls through', async () => {
    const wrapped = witness(original);
    expect(await wrapped(1, 2)).toBe(3);
    expect(lastCall()?.args).toEqual([1, 2]);
    expect(siteOf('original')).toMatchObject({ form: 'function', name: 'original' });
    expect(siteOf('original')?.ownerOf(undefined)).toBe('');
  });

  it('takes over name, length and metadata', () => {
    Reflect.defineMetadata('route', '/sum', original);
    const wrapped = witness(original);
    expect(wrapped).not.toBe(original);
    expect(wrapped.name).toBe('original');
    expect(wrapped.length).toBe(2);
    expect(Reflect.getOwnMetadata('route', wrapped)).toBe('/sum');
  });

  it('hands the receiver on', async () => {
    const counter = {
      start: 5,
      next: witness(async function (this: { start: number }) {
        return this.start + 1;
      }),
    };
    expect(await counter.next()).toBe(6);
    expect(lastCall()?.self).toBe(counter);
  });

  it('serves as the callback of map, whose second argument is an index', async () => {
    const [wrapped] = [original].map(witness as unknown as (fn: typeof original, index: number) => typeof original);
    expect(await wrapped?.(3, 4)).toBe(7);
  });

  it('refuses what is no function', () => {
    const apply = witness as unknown as (value: unknown) => unknown;
    expect(() => apply(42)).toThrow('witness wraps functions and methods, got number');
    expect(() => apply(undefined)).toThrow(HotpathError);
  });
});

describe('the standard decorator', () => {
  it('keeps receiver, result, name and length', async () => {
    expect(await new Base().times(4)).toBe(8);
    expect(await new Child().times(4)).toBe(12);
    expect(lastCall()).toMatchObject({ self: expect.any(Child), args: [4] });
    expect(siteOf('times')?.form).toBe('standard');
    expect(Base.prototype.times.name).toBe('times');
    expect(Base.prototype.times.length).toBe(2);
  });

  it('names the class that declares the method, whoever calls it', async () => {
    await new Base().times(1);
    expect(lastCall()?.owner).toBe('Base');
    await new Child().times(1);
    expect(lastCall()?.owner).toBe('Base');
  });

  it('tells an overriding method from the one it overrides', async () => {
    calls.length = 0;
    expect(await new Overriding().times(2)).toBe(5);
    expect(calls.map((call) => call.owner)).toEqual(['Overriding', 'Base']);
  });

  it('serves static methods', async () => {
    expect(await Base.shared(1)).toBe('shared 1');
    expect(lastCall()).toMatchObject({ owner: 'Base', self: Base });
    expect(await Child.shared(1)).toBe('shared 1');
    expect(lastCall()).toMatchObject({ owner: 'Base', self: Child });
  });

  it('serves private methods', async () => {
    expect(await new Base().viaHidden(1)).toBe(3);
    expect(lastCall()).toMatchObject({ owner: 'Base', args: [1] });
    expect(siteOf('#hidden')?.form).toBe('standard');
  });

  it('lets metadata of an inner decorator through', () => {
    const marked = <F extends object>(method: F, _context: ClassMethodDecoratorContext): F => {
      Reflect.defineMetadata('route', '/marked', method);
      return method;
    };
    class Marked {
      @witness
      @marked
      async one(): Promise<number> {
        return 1;
      }
    }
    expect(Reflect.getOwnMetadata('route', Marked.prototype.one)).toBe('/marked');
  });

  it.each(['getter', 'setter', 'field', 'accessor', 'class'])('refuses a %s', (kind) => {
    const apply = witness as unknown as (value: unknown, context: { kind: string; name: string }) => unknown;
    expect(() => apply(() => 1, { kind, name: 'x' })).toThrow(`witness decorates methods, not a ${kind}`);
  });
});

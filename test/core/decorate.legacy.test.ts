import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { type AsyncWrapper, decorate, type Site } from '../../src/core/decorate.js';
import { HotpathError } from '../../src/core/errors.js';

// This file is lowered with `experimentalDecorators`, as NestJS applications are.

const sites: Site[] = [];
const calls: { owner: string; self: unknown; args: unknown[] }[] = [];

const witness = decorate<AsyncWrapper>('witness', (original, site) => {
  sites.push(site);
  return function (this: unknown, ...args) {
    calls.push({ owner: site.ownerOf(this), self: this, args });
    return original.apply(this, args);
  };
});

/** What NestJS's `@Get()` does: metadata on the function that the descriptor holds. */
const route =
  (path: string) =>
  (_target: object, _key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor => {
    Reflect.defineMetadata('path', path, descriptor.value as object);
    return descriptor;
  };

const symbolic = Symbol('symbolic');

class Base {
  readonly factor: number = 2;
  @witness async times(n: number, _unused?: string): Promise<number> {
    return n * this.factor;
  }
  @witness static async shared(n: number): Promise<string> {
    return `shared ${n}`;
  }
  @witness async [symbolic](): Promise<number> {
    return this.factor;
  }
  @witness @route('/inner') async routedInside(): Promise<number> {
    return 1;
  }
  @route('/outer') @witness async routedOutside(): Promise<number> {
    return 2;
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
const lastCall = () => calls.at(-1);

describe('the legacy decorator', () => {
  it('keeps receiver, result, name and length', async () => {
    expect(await new Base().times(4)).toBe(8);
    expect(await new Child().times(4)).toBe(12);
    expect(lastCall()).toMatchObject({ self: expect.any(Child), args: [4] });
    expect(sites.find((site) => site.name === 'times')?.form).toBe('legacy');
    expect(Base.prototype.times.name).toBe('times');
    expect(Base.prototype.times.length).toBe(2);
  });

  it('leaves the property as methods are: writable, configurable, not enumerable', () => {
    const descriptor = Object.getOwnPropertyDescriptor(Base.prototype, 'times');
    expect(descriptor).toMatchObject({ writable: true, configurable: true, enumerable: false });
  });

  it('names the class that declares the method, whoever calls it', async () => {
    await new Child().times(1);
    expect(lastCall()?.owner).toBe('Base');
    calls.length = 0;
    expect(await new Overriding().times(2)).toBe(5);
    expect(calls.map((call) => call.owner)).toEqual(['Overriding', 'Base']);
  });

  it('serves static methods and symbols', async () => {
    expect(await Base.shared(1)).toBe('shared 1');
    expect(lastCall()).toMatchObject({ owner: 'Base', self: Base });
    expect(await Child.shared(1)).toBe('shared 1');
    expect(lastCall()).toMatchObject({ owner: 'Base', self: Child });
    expect(await new Base()[symbolic]()).toBe(2);
    expect(lastCall()?.owner).toBe('Base');
  });

  it('keeps route metadata, on whichever side the framework decorator stands', () => {
    expect(Reflect.getMetadata('path', Base.prototype.routedInside)).toBe('/inner');
    expect(Reflect.getMetadata('path', Base.prototype.routedOutside)).toBe('/outer');
  });

  it('refuses a getter and a field', () => {
    const apply = witness as unknown as (target: object, key: string, descriptor?: PropertyDescriptor) => unknown;
    expect(() => apply({}, 'got', { get: () => 1 })).toThrow('witness decorates methods, got is none');
    expect(() => apply({}, 'field')).toThrow(HotpathError);
  });
});

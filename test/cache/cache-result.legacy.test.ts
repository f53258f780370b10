import 'reflect-metadata';
import { beforeEach, describe, expect, it } from 'vitest';
import { CacheManager, cacheResult, IdentityError } from '../../src/cache/index.js';

// This file is lowered with `experimentalDecorators`, as NestJS applications are.

const shared = new CacheManager();
let runs = 0;

beforeEach(async () => {
  await shared.clear();
  runs = 0;
});

/** What NestJS's `@Get()` does: metadata on the function that the descriptor holds. */
const route =
  (path: string) =>
  (_target: object, _key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor => {
    Reflect.defineMetadata('path', path, descriptor.value as object);
    return descriptor;
  };

class Reports {
  readonly cache: CacheManager;
  // No parameter property: nothing but the decorators of this file is TypeScript that has to be lowered specially.
  constructor(cache: CacheManager = shared) {
    this.cache = cache;
  }
  @cacheResult((self: Reports) => self.cache, { tags: (report: { team: string }) => [report.team] })
  async byTeam(team: string, _detail?: boolean): Promise<{ team: string; run: number }> {
    return { team, run: ++runs };
  }
  @route('/total') @cacheResult(shared) async total(_year: number): Promise<string> {
    return `${this.constructor.name} ${++runs}`;
  }
  @cacheResult(shared) @route('/latest') static async latest(): Promise<string> {
    return `latest ${++runs}`;
  }
}
class Yearly extends Reports {}
class Overriding extends Reports {
  @cacheResult(shared) override async total(year: number): Promise<string> {
    return `over ${await super.total(year)}`;
  }
}

describe('a method under a legacy decorator', () => {
  it('is cached by its arguments, in the cache of its instance', async () => {
    const one = new Reports();
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 1 });
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 1 });
    await shared.invalidateTags(['north']);
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 2 });
  });

  it('of two instances with one cache shares its results, with two caches does not', async () => {
    const own = new CacheManager();
    expect((await new Reports().byTeam('a')).run).toBe(1);
    expect((await new Reports().byTeam('a')).run).toBe(1);
    expect((await new Reports(own).byTeam('a')).run).toBe(2);
    expect((await new Reports(own).byTeam('a')).run).toBe(2);
  });

  it('keeps name, length and metadata', () => {
    expect([Reports.prototype.byTeam.name, Reports.prototype.byTeam.length]).toEqual(['byTeam', 2]);
    expect(Reflect.getMetadata('path', Reports.prototype.total)).toBe('/total');
    expect(Reflect.getMetadata('path', Reports.latest)).toBe('/latest');
  });

  it('belongs to the class that declares it: a subclass shares it, an override has its own', async () => {
    expect(await new Reports().total(1)).toBe('Reports 1');
    expect(await new Yearly().total(1)).toBe('Reports 1');
    expect(await new Overriding().total(1)).toBe('over Reports 1');
    expect([await Reports.latest(), await Yearly.latest()]).toEqual(['latest 2', 'latest 2']);
  });

  it('runs as it is while the cache is off', async () => {
    shared.mode = 'off';
    try {
      const reports = new Reports();
      expect([(await reports.byTeam('a')).run, (await reports.byTeam('a')).run]).toEqual([1, 2]);
    } finally {
      shared.mode = 'on';
    }
  });
});

describe('two classes under legacy decorators', () => {
  it('with a method of one name do not meet', async () => {
    class Users {
      @cacheResult(shared) async create(name: string): Promise<string> {
        return `user ${name}`;
      }
    }
    class Shops {
      @cacheResult(shared) async create(name: string): Promise<string> {
        return `shop ${name}`;
      }
    }
    expect([await new Users().create('x'), await new Shops().create('x')]).toEqual(['user x', 'shop x']);
  });

  it('of one name: the second is refused where it is declared', () => {
    const declare = (what: string) => {
      class Model {
        @cacheResult(shared) async create(name: string): Promise<string> {
          return `${what} ${name}`;
        }
      }
      return new Model();
    };
    declare('user');
    expect(() => declare('shop')).toThrow(IdentityError);
    expect(() => declare('shop')).toThrow('"Model.create"');
  });

  it('of one name, whose cache is found at the call: the second runs uncached, and the cache says so', async () => {
    const cache = new CacheManager();
    const troubles: unknown[] = [];
    cache.on('error', ({ error }) => troubles.push(error));
    const declare = (what: string) => {
      class Model {
        @cacheResult(() => cache) async create(name: string): Promise<string> {
          return `${what} ${name} ${++runs}`;
        }
      }
      return new Model();
    };
    const [users, shops] = [declare('user'), declare('shop')];
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 3']);
    expect(troubles).toEqual([expect.any(IdentityError)]);
  });

  it('without a name do not meet', async () => {
    const declare = (what: string) => {
      const Made = (() =>
        class {
          async create(name: string): Promise<string> {
            return `${what} ${name} ${++runs}`;
          }
        })();
      // By hand: TypeScript lowers decorated class expressions differently from version to version.
      const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, 'create') as TypedPropertyDescriptor<
        (name: string) => Promise<string>
      >;
      Object.defineProperty(Made.prototype, 'create', cacheResult(shared)(Made.prototype, 'create', descriptor));
      return new Made();
    };
    const [users, shops] = [declare('user'), declare('shop')];
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
  });

  it('are refused where other processes find their results', async () => {
    const remote = new CacheManager({ namespace: 'nameless', remote: new Map() });
    const Made = (() =>
      class {
        async create(): Promise<number> {
          return 1;
        }
      })();
    const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, 'create') as TypedPropertyDescriptor<
      () => Promise<number>
    >;
    expect(() => cacheResult(remote)(Made.prototype, 'create', descriptor)).toThrow(IdentityError);
    expect(() => cacheResult(remote, { name: 'given' })(Made.prototype, 'create', descriptor)).not.toThrow();
  });
});

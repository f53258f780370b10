import 'reflect-metadata';
import { beforeEach, describe, expect, it } from 'vitest';
import { CacheManager, cacheResult, IdentityError } from '../../src/cache/index.js';

const shared = new CacheManager();
const troubles: unknown[] = [];
shared.on('error', ({ error }) => troubles.push(error));
let runs = 0;

beforeEach(async () => {
  await shared.clear();
  troubles.length = 0;
  runs = 0;
});

class Reports {
  constructor(readonly cache: CacheManager = shared) {}
  @cacheResult((self: Reports) => self.cache, { tags: (report: { team: string }) => [report.team] })
  async byTeam(team: string, _detail?: boolean): Promise<{ team: string; run: number }> {
    return { team, run: ++runs };
  }
  @cacheResult(shared) async total(_year: number): Promise<string> {
    return `${this.constructor.name} ${++runs}`;
  }
  @cacheResult(shared) static async latest(): Promise<string> {
    return `latest ${++runs}`;
  }
  @cacheResult(shared) async #hidden(_n: number): Promise<number> {
    return ++runs;
  }
  async viaHidden(n: number): Promise<number> {
    return this.#hidden(n);
  }
}
class Yearly extends Reports {}
class Overriding extends Reports {
  @cacheResult(shared) override async total(year: number): Promise<string> {
    return `over ${await super.total(year)}`;
  }
}

describe('a decorated method', () => {
  it('is cached by its arguments, in the cache of its instance', async () => {
    const one = new Reports();
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 1 });
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 1 });
    expect(await one.byTeam('south')).toEqual({ team: 'south', run: 2 });
    await shared.invalidateTags(['north']);
    expect(await one.byTeam('north')).toEqual({ team: 'north', run: 3 });
  });

  it('of two instances with one cache shares its results, with two caches does not', async () => {
    const own = new CacheManager();
    expect((await new Reports().byTeam('a')).run).toBe(1);
    expect((await new Reports().byTeam('a')).run).toBe(1);
    expect((await new Reports(own).byTeam('a')).run).toBe(2);
    expect((await new Reports(own).byTeam('a')).run).toBe(2);
    expect((await new Reports().byTeam('a')).run).toBe(1);
  });

  it('keeps name and length', () => {
    expect([Reports.prototype.byTeam.name, Reports.prototype.byTeam.length]).toEqual(['byTeam', 2]);
  });

  it('is found by its class and name', async () => {
    await new Reports().byTeam('north');
    await new Yearly().total(1);
    await Reports.latest();
    expect([...shared.entries()].map(([key]) => key).sort()).toEqual([
      'Reports.byTeam:["north"]',
      'Reports.latest:[]',
      'Reports.total:[1]',
    ]);
    await shared.invalidate('Reports.*');
    expect([...shared.entries()]).toEqual([]);
  });

  it('belongs to the class that declares it: a subclass shares it, an override has its own', async () => {
    expect(await new Reports().total(1)).toBe('Reports 1');
    expect(await new Yearly().total(1)).toBe('Reports 1');
    expect(await new Overriding().total(1)).toBe('over Reports 1');
    expect(await new Overriding().total(1)).toBe('over Reports 1');
    expect(runs).toBe(1);
    expect(troubles).toEqual([]);
  });

  it('may be static, or private', async () => {
    expect([await Reports.latest(), await Reports.latest(), await Yearly.latest()]).toEqual(Array(3).fill('latest 1'));
    const reports = new Reports();
    expect([await reports.viaHidden(1), await reports.viaHidden(1), await reports.viaHidden(2)]).toEqual([2, 2, 3]);
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

  it('rejects where its instance has no cache', async () => {
    await expect(new Reports(null as never).byTeam('a')).rejects.toThrow(
      '(self) => cache must be a CacheManager, got null',
    );
  });
});

describe('two classes', () => {
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
    expect(troubles).toEqual([]);
  });

  it('without a name do not meet', async () => {
    const make = (what: string) => {
      const Nameless = class {
        @cacheResult(shared) async create(name: string): Promise<string> {
          return `${what} ${name} ${++runs}`;
        }
      };
      Object.defineProperty(Nameless, 'name', { value: '' });
      return new Nameless();
    };
    const [users, shops] = [make('user'), make('shop')];
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
    expect(troubles).toEqual([]);
  });

  it('have to be named where other processes find their results: till then they run uncached', async () => {
    const remote = new CacheManager({ namespace: 'nameless', remote: new Map() });
    const refused: unknown[] = [];
    remote.on('error', ({ error }) => refused.push(error));
    const Nameless = class {
      @cacheResult(remote) async create(): Promise<number> {
        return ++runs;
      }
      @cacheResult(remote, { name: 'given' }) async named(): Promise<number> {
        return ++runs;
      }
    };
    Object.defineProperty(Nameless, 'name', { value: '' });
    const nameless = new Nameless();
    expect([await nameless.create(), await nameless.create()]).toEqual([1, 2]);
    expect([await nameless.named(), await nameless.named()]).toEqual([3, 3]);
    expect(refused).toEqual([expect.any(IdentityError)]);
    expect((refused[0] as Error).message).toContain('the class of "create" has no name');
    class Named {
      @cacheResult(remote) async create(): Promise<number> {
        return ++runs;
      }
    }
    expect([await new Named().create(), await new Named().create()]).toEqual([4, 4]);
  });

  it('of one name do not meet: the second runs uncached, and the cache says so', async () => {
    const make = (what: string) => {
      class Model {
        @cacheResult(shared) async create(name: string): Promise<string> {
          return `${what} ${name} ${++runs}`;
        }
      }
      return new Model();
    };
    const [users, shops] = [make('user'), make('shop')];
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 2']);
    expect([await users.create('x'), await shops.create('x')]).toEqual(['user x 1', 'shop x 3']);
    expect(troubles).toEqual([expect.any(IdentityError)]);
  });

  it('that give one name are told where they are declared', () => {
    const declare = () =>
      class {
        @cacheResult(shared, { name: 'given' }) async create(): Promise<number> {
          return 1;
        }
      };
    declare();
    expect(declare).toThrow(IdentityError);
  });

  it('do not meet where another decorator hides the method', async () => {
    const outer = <F extends (...args: never[]) => unknown>(method: F, _context: ClassMethodDecoratorContext): F =>
      function (this: unknown, ...args: never[]) {
        return method.apply(this, args);
      } as F;
    class Base {
      @outer
      @cacheResult(shared)
      async hidden(n: number): Promise<string> {
        return `base ${n}`;
      }
    }
    class Child extends Base {
      @outer
      @cacheResult(shared)
      override async hidden(n: number): Promise<string> {
        return `child of ${await super.hidden(n)}`;
      }
    }
    for (let i = 0; i < 2; i++) {
      expect(await new Child().hidden(1)).toBe('child of base 1');
      expect(await new Base().hidden(1)).toBe('base 1');
    }
  });
});

import type { Cache } from 'cache-manager';
import type { KeyvStoreAdapter } from 'keyv';
import { describe, expectTypeOf, it } from 'vitest';
import {
  CacheManager,
  cacheResult,
  createCacheManagerFacade,
  createKeyvStore,
  type GetOrSetOptions,
  invalidates,
} from '../../src/cache/index.js';

interface Report {
  readonly team: string;
  readonly total: number;
}
interface DetailedReport extends Report {
  readonly rows: readonly number[];
}
declare const report: Report;
declare const detailed: DetailedReport;
declare const anything: CacheManager;
declare const reports: CacheManager<Report>;

describe('getOrSet', () => {
  it('answers with what the loader makes', () => {
    expectTypeOf(anything.getOrSet('k', () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(anything.getOrSet('k', async () => report)).toEqualTypeOf<Promise<Report>>();
    expectTypeOf(reports.getOrSet('k', () => detailed, { ttl: '1m' })).toEqualTypeOf<Promise<DetailedReport>>();
    expectTypeOf(anything.getOrSet('k', async () => (Math.random() > 2 ? report : undefined))).toEqualTypeOf<
      Promise<Report | undefined>
    >();
  });

  it("may find nothing with cache: 'only', and only then", () => {
    expectTypeOf(reports.getOrSet('k', () => report, { cache: 'only' })).toEqualTypeOf<Promise<Report | undefined>>();
    expectTypeOf(reports.getOrSet('k', () => report, { cache: 'refresh' })).toEqualTypeOf<Promise<Report>>();
    // @ts-expect-error it may be undefined
    void reports.getOrSet('k', () => report, { cache: 'only' }).then((found) => found.total);
  });

  it('takes what the cache holds, and nothing else', () => {
    // @ts-expect-error a cache of reports
    void reports.getOrSet('k', () => 1);
    // @ts-expect-error a cache of reports
    void reports.set('k', 'text');
    expectTypeOf(reports.set('k', detailed)).toEqualTypeOf<Promise<boolean>>();
  });

  it('tells the loader its key, in its own type', () => {
    void anything.getOrSet({ id: 1 }, ({ key, signal, tag, ttl, skip }) => {
      expectTypeOf(key).toEqualTypeOf<{ id: number }>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(tag).parameters.toEqualTypeOf<string[]>();
      ttl('5m');
      skip();
      // @ts-expect-error no such unit
      ttl('5 minutes');
    });
    // @ts-expect-error a symbol is no key
    void anything.getOrSet(Symbol('k'), () => 1);
    // @ts-expect-error no such option
    void anything.getOrSet('k', () => 1, { maxAge: 1 });
  });
});

describe('the other reads', () => {
  it('answer with what the cache holds', () => {
    expectTypeOf(reports.get('k')).toEqualTypeOf<Promise<Report | undefined>>();
    expectTypeOf(reports.get('k', report)).toEqualTypeOf<Promise<Report>>();
    expectTypeOf(reports.peek('k')).toEqualTypeOf<Report | undefined>();
    expectTypeOf(reports.getMany(['a', 'b'] as string[])).toEqualTypeOf<Promise<Map<string, Report>>>();
    expectTypeOf(reports.entries()).toEqualTypeOf<IterableIterator<[key: string, value: Report]>>();
    expectTypeOf(anything.get('k')).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(anything.get<Report>('k')).toEqualTypeOf<Promise<Report | undefined>>();
    // @ts-expect-error a cache of reports
    void reports.get<string>('k');
  });

  it('load many at a time', () => {
    expectTypeOf(
      anything.getOrSetMany([1, 2] as number[], async (missing) => {
        expectTypeOf(missing).items.toEqualTypeOf<number>();
        return missing.map(String);
      }),
    ).toEqualTypeOf<Promise<Map<number, string>>>();
  });
});

describe('cacheResult', () => {
  it('keeps the whole type of a function: parameters, type parameters, receiver', () => {
    const load = cacheResult(anything)(async (team: string, year?: number) => ({ ...report, team, year }));
    expectTypeOf(load).toEqualTypeOf<
      (team: string, year?: number) => Promise<{ team: string; year: number | undefined; total: number }>
    >();
    expectTypeOf(load('a')).resolves.not.toBeAny();
    // @ts-expect-error the year is a number
    void load('a', '2024');

    const generic = cacheResult(anything, { name: 'generic' })(async <T extends { id: string }>(row: T) => row);
    expectTypeOf(generic({ id: 'a', extra: 1 })).resolves.toEqualTypeOf<{ id: string; extra: number }>();

    const withThis = cacheResult(anything, { name: 'withThis' })(async function (this: { factor: number }, n: number) {
      return n * this.factor;
    });
    expectTypeOf(withThis).thisParameter.toEqualTypeOf<{ factor: number }>();
    expectTypeOf(withThis).returns.toEqualTypeOf<Promise<number>>();
  });

  it('checks its callbacks against the function', () => {
    const tagged = cacheResult(anything, {
      name: 'tagged',
      key: (team: string) => team,
      tags: (result: Report, team: string) => [team, String(result.total)],
      when: (result: Report) => result.total > 0,
    });
    expectTypeOf(
      tagged(async (team: string, _year: number) => ({ ...detailed, team })),
    ).returns.resolves.toHaveProperty('rows');
    // @ts-expect-error the function takes no string first
    tagged(async (_year: number) => report);
    // @ts-expect-error the function makes no report
    tagged(async (team: string) => team);
    // @ts-expect-error tags are strings
    cacheResult(anything, { tags: (result: Report) => [result.total] });
    // @ts-expect-error a callback that answers later decides nothing
    cacheResult(anything, { when: async (_result: Report) => true });
    // @ts-expect-error no such option
    cacheResult(anything, { maxAge: 1 });
    // @ts-expect-error no such unit
    cacheResult(anything, { ttl: '5 minutes' });
  });

  it('wraps nothing that does not answer with a promise', () => {
    // @ts-expect-error synchronous
    cacheResult(anything)((team: string) => team);
    // @ts-expect-error a stream is no promise
    cacheResult(anything, { name: 'stream' })(async function* (team: string) {
      yield team;
    });
    // @ts-expect-error not a cache
    cacheResult(new Map());
  });

  it('keeps the type of a decorated method, whichever way it finds its cache', () => {
    class Team {
      readonly cache = reports;
      @cacheResult(anything) async plain(year: number): Promise<Report> {
        return { ...report, total: year };
      }
      @cacheResult((self: Team) => self.cache, { key: (year: number) => year, tags: (made: Report) => [made.team] })
      async found(year: number): Promise<DetailedReport> {
        return { ...detailed, total: year };
      }
      @cacheResult(anything, { name: 'generic' }) async generic<T extends object>(row: T): Promise<T[]> {
        return [row];
      }
      @cacheResult(anything) static async shared(): Promise<number> {
        return 1;
      }
    }
    const team = new Team();
    expectTypeOf(team.plain).toEqualTypeOf<(year: number) => Promise<Report>>();
    expectTypeOf(team.found(1)).toEqualTypeOf<Promise<DetailedReport>>();
    expectTypeOf(team.generic({ a: 1 })).toEqualTypeOf<Promise<{ a: number }[]>>();
    expectTypeOf(Team.shared).toEqualTypeOf<() => Promise<number>>();

    class Wrong {
      // @ts-expect-error synchronous
      @cacheResult(anything) sync(year: number): Report {
        return { ...report, total: year };
      }
      // @ts-expect-error the method takes no string first
      @cacheResult(anything, { key: (team: string) => team }) async key(year: number): Promise<number> {
        return year;
      }
      // @ts-expect-error the method makes no report
      @cacheResult(anything, { tags: (made: Report) => [made.team] }) async tags(year: number): Promise<number> {
        return year;
      }
    }
    expectTypeOf<Wrong>().toBeObject();
  });
});

describe('invalidates', () => {
  it('keeps the function, and checks its callbacks', () => {
    const save = invalidates(reports, { tags: (made: Report, team: string) => [made.team, team] });
    const detail = async (team: string, _dry?: boolean) => ({ ...detailed, team });
    expectTypeOf(save(detail)).toEqualTypeOf(detail);
    // @ts-expect-error the function takes no string first
    save(async (_id: number) => report);
    // @ts-expect-error synchronous
    save((_team: string) => report);
    // @ts-expect-error keys are no symbols
    invalidates(reports, { keys: [Symbol('k')] });
    // @ts-expect-error what is to be invalidated has to be said
    invalidates(reports);
  });
});

describe('the cache in other shapes', () => {
  it('is an adapter that Keyv takes', () => {
    expectTypeOf(createKeyvStore(anything)).toExtend<KeyvStoreAdapter>();
    expectTypeOf(createKeyvStore(anything, { contract: 6 }).deleteMany(['a'])).toEqualTypeOf<Promise<boolean[]>>();
    // @ts-expect-error no such contract
    createKeyvStore(anything, { contract: 4 });
  });

  it('is a cache-manager', () => {
    const facade = createCacheManagerFacade(anything);
    expectTypeOf(facade).toExtend<Cache>();
    expectTypeOf(facade.get<Report>('k')).toEqualTypeOf<Promise<Report | undefined>>();
    expectTypeOf(
      facade.wrap(
        'k',
        () => 1,
        (value) => value * 2,
      ),
    ).toEqualTypeOf<Promise<number>>();
    expectTypeOf(facade.wrap('k', async () => 'v', { ttl: 5, raw: true })).resolves.toEqualTypeOf<{
      value: string;
      expires?: number | undefined;
    }>();
    facade.on('set', ({ key }) => expectTypeOf(key).toEqualTypeOf<string>());
    // @ts-expect-error no such event
    facade.on('sett', () => {});
  });
});

describe('a cache', () => {
  it('has options of its own names and units', () => {
    expectTypeOf(new CacheManager<Report>({ ttl: '5m', stale: 1_000 })).toEqualTypeOf<CacheManager<Report>>();
    // @ts-expect-error no such unit
    new CacheManager({ ttl: '5 minutes' });
    // @ts-expect-error no such policy
    new CacheManager({ memory: { policy: 'fifo' } });
    expectTypeOf<GetOrSetOptions['cache']>().toEqualTypeOf<'default' | 'refresh' | 'bypass' | 'only' | undefined>();
  });
});

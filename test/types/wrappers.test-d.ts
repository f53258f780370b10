import { describe, expectTypeOf, it } from 'vitest';
import { type CacheManager, cacheResult, invalidates } from '../../src/cache/index.js';
import { compose } from '../../src/index.js';

interface Report {
  readonly team: string;
  readonly total: number;
}
declare const cache: CacheManager<Report>;
declare const load: (team: string, year: number) => Promise<Report>;

describe('a wrapper with options', () => {
  it('keeps the function, whether its callbacks look at everything, something or nothing', () => {
    expectTypeOf(cacheResult(cache)(load)).toEqualTypeOf(load);
    expectTypeOf(cacheResult(cache, { name: 'load', ttl: '1m' })(load)).toEqualTypeOf(load);
    expectTypeOf(cacheResult(cache, { key: (team: string) => team })(load)).toEqualTypeOf(load);
    expectTypeOf(cacheResult(cache, { tags: (report: Report) => [report.team] })(load)).toEqualTypeOf(load);
    expectTypeOf(
      invalidates(cache, { tags: (_report, team: string, year: number) => [team, `${year}`] })(load),
    ).toEqualTypeOf(load);
  });

  it('refuses a function that its callbacks cannot read', () => {
    // @ts-expect-error the key is made from a number
    cacheResult(cache, { key: (year: number) => year })(load);
    // @ts-expect-error the tags are made from another result
    cacheResult(cache, { tags: (rows: string[]) => rows })(load);
    // @ts-expect-error synchronous
    cacheResult(cache)((team: string) => team);
  });

  it('composes', () => {
    const wrapped = compose(load, cacheResult(cache), invalidates(cache, { tags: ['all'] }));
    expectTypeOf(wrapped).toEqualTypeOf(load);
  });
});

describe('a decorator that finds its cache in the instance', () => {
  it('takes the instance of the class it stands in, and of no other', () => {
    class Reports {
      readonly cache = cache;
      @cacheResult((self: Reports) => self.cache, { tags: (report: Report) => [report.team] })
      async byTeam(team: string): Promise<Report> {
        return { team, total: 1 };
      }
    }
    class Other {
      // @ts-expect-error Other has no cache
      @cacheResult((self: Reports) => self.cache)
      async byTeam(team: string): Promise<Report> {
        return { team, total: 1 };
      }
    }
    expectTypeOf(new Reports().byTeam).toEqualTypeOf<(team: string) => Promise<Report>>();
    expectTypeOf<Other>().toBeObject();
  });
});

import { Injectable } from '@nestjs/common';
// Not `import type`: Nest reads the classes of constructor parameters at run time.
import { CacheManager, cacheResult, invalidates } from 'hotpath/cache';

export interface Report {
  readonly team: string;
  readonly total: number;
}

/** The slow part: imagine a database behind it. */
@Injectable()
export class Reports {
  /** How often a report was really built, for the check in main.ts. */
  built = 0;
  readonly #sales = new Map<string, number>([
    ['north', 100],
    ['south', 50],
  ]);

  // Decorators run before injection, so they are told where the instance will find its cache.
  constructor(readonly cache: CacheManager) {}

  @cacheResult((self: Reports) => self.cache, { ttl: '10m', tags: (report: Report) => [`team:${report.team}`] })
  async byTeam(team: string): Promise<Report> {
    this.built++;
    return { team, total: this.#sales.get(team) ?? 0 };
  }

  @invalidates((self: Reports) => self.cache, { tags: (_total: number, team: string) => [`team:${team}`] })
  async addSale(team: string, amount: number): Promise<number> {
    const total = (this.#sales.get(team) ?? 0) + amount;
    this.#sales.set(team, total);
    return total;
  }
}

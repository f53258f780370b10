import { Body, Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { CacheManager, cacheResult } from 'hotpath/cache';
import { type Report, Reports } from './reports.service.js';

@Controller('reports')
export class ReportsController {
  /** How often the routes' own bodies ran, for the check in main.ts. */
  ran = 0;

  constructor(
    private readonly reports: Reports,
    readonly cache: CacheManager,
  ) {}

  // A route handler may be cached itself. Nest keeps its route on the function, whichever decorator stands outside.
  @Get('summary/inner')
  @Header('x-kind', 'summary')
  @cacheResult((self: ReportsController) => self.cache, { ttl: '1m' })
  async inner(): Promise<{ ran: number }> {
    return { ran: ++this.ran };
  }

  @cacheResult((self: ReportsController) => self.cache, { ttl: '1m' })
  @Get('summary/outer')
  @Header('x-kind', 'summary')
  async outer(): Promise<{ ran: number }> {
    return { ran: ++this.ran };
  }

  @Get(':team')
  byTeam(@Param('team') team: string): Promise<Report> {
    return this.reports.byTeam(team);
  }

  @Post(':team/sales')
  @HttpCode(201)
  async addSale(@Param('team') team: string, @Body() body: { amount: number }): Promise<{ total: number }> {
    return { total: await this.reports.addSale(team, body.amount) };
  }
}

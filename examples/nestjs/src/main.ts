import 'reflect-metadata';
import { deepEqual, equal } from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheManager } from 'hotpath/cache';
import { CacheModule } from './cache.module.js';
import { ReportsController } from './reports.controller.js';
import { Reports } from './reports.service.js';

@Module({ imports: [CacheModule], controllers: [ReportsController], providers: [Reports] })
class AppModule {}

/** Boots the application, asks it over HTTP, and throws where an answer is not what it should be. */
async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const reports = app.get(Reports);
  const cache = app.get(CacheManager);
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/reports/${path}`, init);
  const json = async (path: string): Promise<unknown> => (await ask(path)).json();

  deepEqual(await json('north'), { team: 'north', total: 100 });
  deepEqual(await json('north'), { team: 'north', total: 100 });
  equal(reports.built, 1, 'the second answer comes from the cache');

  await Promise.all(Array.from({ length: 20 }, () => json('south')));
  equal(reports.built, 2, 'twenty callers at once build one report');

  const sale = await ask('north/sales', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 11 }),
  });
  equal(sale.status, 201);
  deepEqual(await sale.json(), { total: 111 });
  deepEqual(await json('north'), { team: 'north', total: 111 }, 'a sale invalidates its team');
  equal(reports.built, 3);
  await json('south');
  equal(reports.built, 3, 'and no other team');

  for (const [path, ran] of [
    ['summary/inner', 1],
    ['summary/outer', 2],
  ] as const) {
    const first = await ask(path);
    equal(first.headers.get('x-kind'), 'summary', `${path} keeps its route and header`);
    deepEqual(await first.json(), { ran });
    deepEqual(await json(path), { ran }, `${path} is cached`);
  }

  const { hits, misses } = cache.stats();
  await app.close();
  await cache.getOrSet('after', async () => 1);
  equal(cache.peek('after'), undefined, 'the application closed its cache: nothing is stored any more');
  console.log(`nestjs: all as expected (${hits} hits, ${misses} misses, ${reports.built} reports built)`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

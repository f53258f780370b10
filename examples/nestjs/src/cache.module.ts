import { Global, Module, type OnModuleDestroy } from '@nestjs/common';
import { CacheManager } from 'hotpath/cache';

/** One cache for the application. Nest builds it, hands it out, and closes it with the application. */
@Global()
@Module({
  providers: [{ provide: CacheManager, useFactory: () => new CacheManager({ namespace: 'reports', ttl: '5m' }) }],
  exports: [CacheManager],
})
export class CacheModule implements OnModuleDestroy {
  constructor(private readonly cache: CacheManager) {}

  onModuleDestroy(): Promise<void> {
    return this.cache.close();
  }
}

import { CacheManager, type CacheOptions, type GetOrSetOptions, type LoaderContext } from '../../src/cache/index.js';
import { type Sabotage, sabotage } from './sabotage.js';
import { SharedRows } from './shared-rows.js';

/** What a node is made of. Plain data, so that it can be sent to another process. */
export interface NodeConfig {
  /** Options of its cache. */
  readonly cache: Readonly<Record<string, unknown>>;
  /** The file of the database. */
  readonly rows: string;
  /** Its own number among the nodes on that file. */
  readonly writer: number;
  /** What is broken in its cache on purpose. */
  readonly sabotage?: Sabotage;
}

/** One read of a row through the cache. */
export interface RowRead {
  readonly row: number;
  /** How long the loader takes after it has read the row. @default 0 */
  readonly delayMs?: number;
  /** Tags named by the call. */
  readonly tags?: readonly string[];
  /** Tags named by the loader at its end. */
  readonly lateTags?: readonly string[];
  readonly after?: string;
  readonly mode?: NonNullable<GetOrSetOptions['cache']>;
}

/** `a:0`, `b:1`, `a:2` and so on. */
export function keyOf(row: number): string {
  return `${row % 2 === 0 ? 'a' : 'b'}:${row}`;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A cache in front of the shared rows. A loader reads its row at once and answers after a delay. */
export class ChaosNode {
  readonly cache: CacheManager<number>;
  readonly rows: SharedRows;
  /** Loader runs so far. */
  loads = 0;
  /** Told when a loader starts. */
  onLoad: ((row: number) => void) | undefined;

  constructor(config: NodeConfig) {
    this.rows = new SharedRows(config.rows, config.writer);
    this.cache = new CacheManager<number>(config.cache as CacheOptions);
    if (config.sabotage) sabotage(this.cache, config.sabotage);
  }

  read({ row, delayMs = 0, tags, lateTags = [], after, mode = 'default' }: RowRead): Promise<number> {
    const options: GetOrSetOptions = { cache: mode, ...(tags && { tags }), ...(after !== undefined && { after }) };
    return this.cache.getOrSet(keyOf(row), (context) => this.load(row, delayMs, context, lateTags), options);
  }

  async load(
    row: number,
    delayMs: number,
    context: Pick<LoaderContext, 'tag'>,
    lateTags: readonly string[],
  ): Promise<number> {
    this.loads++;
    const version = this.rows.read(row);
    this.onLoad?.(row);
    if (delayMs > 0) await pause(delayMs);
    if (lateTags.length > 0) context.tag(...lateTags);
    return version;
  }

  async close(): Promise<void> {
    await this.cache.close();
    this.rows.close();
  }
}

import { randomBytes } from 'node:crypto';
import { redisPort } from '../../core/redis/redis-client-port.js';
import type { RedisPort } from '../../core/redis/redis-port.js';
import { redisUrlPort } from '../../core/redis/url-client.js';
import type { CacheState } from '../cache-state.js';
import type { CoordinatorSource, ResolvedRemote } from '../resolve-remote.js';
import type { SharedBook } from '../shared-book.js';
import type { SharedSource } from '../shared-source.js';
import type { Backend } from './backend.js';
import { CombinedBackend } from './combined-backend.js';
import { KeyvBackend } from './keyv-backend.js';
import { keyvStore } from './keyv-source.js';
import { plainRedis } from './plain-redis.js';
import { RedisBackend } from './redis-backend.js';
import { SharedTier } from './shared-tier.js';
import { WireNames } from './wire-name.js';

interface Opened {
  readonly port: RedisPort;
  loaded(): Promise<void>;
}

/** Makes the shared tier of a cache. Connects in the background; waits for nothing. */
export function openTier(state: CacheState, shared: SharedBook, remote: ResolvedRemote): SharedSource {
  const { namespace, version, clock } = state.options;
  const names = new WireNames(namespace, version);
  const node = randomBytes(9).toString('base64url');
  const { store } = remote;
  if (store.kind !== 'keyv') {
    const opened = open(store);
    // A coordinator of its own beside a Redis store takes leases, versions and messages; the values stay where they are.
    if (remote.coordinator === undefined) {
      const backend = new RedisBackend(opened.port, names, node);
      return tier(state, shared, remote, backend, names, node, [opened], () => {});
    }
    const other = open(remote.coordinator);
    const values = new KeyvBackend(plainRedis(opened.port), names, clock, remote.writeDeadlineMs);
    const lister = new RedisBackend(opened.port, names, node);
    const backend = new CombinedBackend(values, new RedisBackend(other.port, names, node), lister);
    return tier(state, shared, remote, backend, names, node, [other, opened], () => {});
  }
  const values = keyvStore(store.keyv);
  const backend = new KeyvBackend(values, names, clock, remote.writeDeadlineMs);
  const release = (): void => values.close?.();
  if (remote.coordinator === undefined) return tier(state, shared, remote, backend, names, node, [], release);
  const opened = open(remote.coordinator);
  const combined = new CombinedBackend(backend, new RedisBackend(opened.port, names, node), backend);
  return tier(state, shared, remote, combined, names, node, [opened], release);
}

function tier(
  state: CacheState,
  shared: SharedBook,
  remote: ResolvedRemote,
  backend: Backend,
  names: WireNames,
  node: string,
  opened: readonly Opened[],
  release: () => void,
): SharedSource {
  return new SharedTier({
    state,
    shared,
    remote,
    backend,
    names,
    node,
    ports: opened.map(({ port }) => port),
    loaded: async () => {
      await Promise.all(opened.map((each) => each.loaded()));
    },
    release,
  });
}

function open(source: CoordinatorSource): Opened {
  if (source.kind === 'redis') return { port: redisPort(source.client), loaded: async () => {} };
  const port = redisUrlPort(source.url);
  return { port, loaded: () => port.loaded() };
}

import type { RedisPort } from '../../core/redis/redis-port.js';
import type { ValueStore } from './value-store.js';

/** A Redis that keeps values and does nothing else, where the coordinator is another one. */
export function plainRedis(port: RedisPort): ValueStore {
  const get = async (key: string): Promise<Buffer | undefined> =>
    ((await port.send(key, ['GET', key])) as Buffer | null) ?? undefined;
  const set = async (key: string, bytes: Buffer, ttlMs: number): Promise<void> => {
    const life = Number.isFinite(ttlMs) ? ['PX', String(Math.max(1, Math.ceil(ttlMs)))] : [];
    await port.send(key, ['SET', key, bytes, ...life]);
  };
  return {
    get,
    // Sent in one tick, and so in one packet.
    getMany: (keys) => Promise.all(keys.map(get)),
    set,
    setMany: async (entries) => {
      await Promise.all(entries.map(({ key, bytes, ttlMs }) => set(key, bytes, ttlMs)));
    },
    delete: async (keys) => {
      await Promise.all(keys.map((key) => port.send(key, ['DEL', key])));
    },
  };
}

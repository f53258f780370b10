import type { RedisArgument, RedisReply } from './redis-port.js';
import type { RedisScript } from './script.js';

type Send = (key: string | undefined, args: readonly RedisArgument[]) => Promise<RedisReply>;

/**
 * Runs a script by its hash. A server that does not know it (new, restarted, flushed, another node of a cluster) says so
 * without having run anything, and is then sent the text, which makes it known there.
 */
export function runScript(
  send: Send,
  script: RedisScript,
  keys: readonly string[],
  args: readonly RedisArgument[],
): Promise<RedisReply> {
  const key = keys[0];
  const count = String(keys.length);
  return send(key, ['EVALSHA', script.sha, count, ...keys, ...args]).catch((error: unknown) => {
    if (!isNoScript(error)) throw error;
    return send(key, ['EVAL', script.text, count, ...keys, ...args]);
  });
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

import { createHash } from 'node:crypto';

/** A Lua script and the hash that the server knows it by. */
export interface RedisScript {
  readonly text: string;
  /** SHA-1 of the text, as `EVALSHA` wants it. */
  readonly sha: string;
}

export function redisScript(text: string): RedisScript {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

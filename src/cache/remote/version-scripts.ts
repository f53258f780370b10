import { type RedisScript, redisScript } from '../../core/redis/script.js';

/**
 * The versions of a namespace are one sorted set. Its members:
 *
 * - `!seq`: the sequence, microseconds since the epoch by the server's clock, or one more than the last where that did not move;
 * - `!birth`: minus the number at which this set was made. A lost set (eviction, a restart without data, FLUSHALL) is born anew
 *   with another number, and entries carry the one they were loaded under: loss can only cause misses;
 * - `!floor`: minus the number below which everything is invalid: `clear` raises it, and so does forgetting the oldest versions;
 * - `t<tag>`, `p<prefix>` (hard), `T<tag>`, `P<prefix>` (soft): the version at which the name was last invalidated.
 *
 * All of it is in one key, so that it is lost as a whole or not at all.
 */
const STATE = `
local function number(n) return string.format('%.0f', n) end
local function state(key, atLeast)
  local t = redis.call('TIME')
  local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
  local seq = tonumber(redis.call('ZSCORE', key, '!seq') or false)
  local birth = tonumber(redis.call('ZSCORE', key, '!birth') or false)
  local floor = tonumber(redis.call('ZSCORE', key, '!floor') or false)
  local was = seq or 0
  if atLeast > now + 86400000000 then atLeast = 0 end
  if not (seq and birth and floor) then
    seq = math.max(now, atLeast)
    birth = -seq
    floor = -seq
    redis.call('DEL', key)
    redis.call('ZADD', key, number(seq), '!seq', number(birth), '!birth', number(floor), '!floor')
  elseif atLeast > seq then
    seq = atLeast
    redis.call('ZADD', key, number(seq), '!seq')
  end
  return now, seq, -birth, -floor, was
end
`;

/** How many names a namespace remembers. Beyond it the oldest are forgotten, and the floor rises to them. */
export const MOST_VERSIONS = 100_000;
/** `!seq`, `!birth`, `!floor`. */
const OWN_MEMBERS = 3;

/**
 * Reads the state, and the versions after a number. Newest first: a name that moves up between two pages is then seen twice, not missed.
 *
 * KEYS: versions. ARGV: least sequence, versions after this number, offset, count, private channel or '', its message.
 * Answers: server microseconds, sequence, birth, floor, [member, version, ...], the sequence as it was found (0 for none).
 */
export const SYNC: RedisScript = redisScript(`${STATE}
local now, seq, birth, floor, was = state(KEYS[1], tonumber(ARGV[1]))
local names = {}
if tonumber(ARGV[2]) < seq then
  names = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. ARGV[2], 'WITHSCORES', 'LIMIT', ARGV[3], ARGV[4])
end
if ARGV[5] ~= '' then redis.call('PUBLISH', ARGV[5], ARGV[6]) end
for i = 2, #names, 2 do names[i] = number(tonumber(names[i])) end
return { number(now), number(seq), number(birth), number(floor), names, number(was) }
`);

/**
 * Invalidates names, or everything, in one step, and tells the others.
 *
 * KEYS: versions. ARGV: least sequence, channel, start of the message, 'names' or 'clear', names ...
 * Answers: server microseconds, version, birth, floor.
 */
export const INVALIDATE: RedisScript = redisScript(`${STATE}
-- A full server refuses a script whose first write needs memory, and lets one go on that has written before.
redis.call('ZREM', KEYS[1], '')
local now, seq, birth, floor = state(KEYS[1], tonumber(ARGV[1]))
seq = math.max(now, seq + 1)
if ARGV[4] == 'clear' then
  floor = seq
  redis.call('DEL', KEYS[1])
  redis.call('ZADD', KEYS[1], number(seq), '!seq', number(-birth), '!birth', number(-floor), '!floor')
else
  redis.call('ZADD', KEYS[1], number(seq), '!seq')
  for i = 5, #ARGV do redis.call('ZADD', KEYS[1], number(seq), ARGV[i]) end
  local surplus = redis.call('ZCARD', KEYS[1]) - ${MOST_VERSIONS + OWN_MEMBERS}
  if surplus > 0 then
    local last = redis.call('ZRANGE', KEYS[1], surplus + 1, surplus + 1, 'WITHSCORES')
    floor = math.max(floor, tonumber(last[2]))
    redis.call('ZREMRANGEBYRANK', KEYS[1], 2, surplus + 1)
    redis.call('ZADD', KEYS[1], number(-floor), '!floor')
  end
end
redis.call('PUBLISH', ARGV[2], ARGV[3] .. ',"q":' .. number(seq) .. ',"b":' .. number(birth) .. '}')
return { number(now), number(seq), number(birth), number(floor) }
`);

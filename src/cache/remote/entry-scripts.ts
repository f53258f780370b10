import { type RedisScript, redisScript } from '../../core/redis/script.js';

/**
 * An entry is three keys in one slot: the value, the lease (a token while somebody loads it, with `w` behind it once somebody
 * waits), and a tombstone (the moment of the last delete, for as long as a command may be stuck on its way).
 *
 * The checksum of an envelope tells one write from another; a write's moment stands at a fixed place (see the wire format).
 */
const MAGIC = 'HP\\193\\255';
/** The newest format that this version writes. */
const FORMAT = 1;
const CHECKSUM = { from: 6, to: 9 } as const;
const STORED_AT = { from: 12, to: 19 } as const;

/** Whether bytes are an envelope that this version can read. `pcall` answers a table for a key of another type. */
const OURS = `
local function ours(bytes)
  return type(bytes) == 'string' and string.sub(bytes, 1, 4) == '${MAGIC}' and (string.byte(bytes, 5) or 0) <= ${FORMAT}
end
`;

const WRITTEN_AT = `${OURS}
local function writtenAt(bytes)
  if not ours(bytes) or #bytes < ${STORED_AT.to} then return 0 end
  return struct.unpack('<d', string.sub(bytes, ${STORED_AT.from}, ${STORED_AT.to}))
end
`;

/**
 * Asks for the lease of a key. What stands there by now is answered instead, unless it is what the asker has seen already, or
 * nothing that it could read.
 *
 * KEYS: value, lease. ARGV: token, milliseconds, checksum of what was seen or '', 'force' or ''.
 * Answers: [0, nil] held by another, [1, nil] granted, [2, bytes] found.
 */
export const LEASE: RedisScript = redisScript(`${OURS}
if ARGV[4] == 'force' then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  return { 1 }
end
local bytes = redis.pcall('GET', KEYS[1])
if ours(bytes) and #bytes >= ${CHECKSUM.to} and string.sub(bytes, ${CHECKSUM.from}, ${CHECKSUM.to}) ~= ARGV[3] then
  return { 2, bytes }
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 1 } end
local held = redis.call('GET', KEYS[2])
if string.sub(held, -1) ~= 'w' then redis.call('SET', KEYS[2], held .. 'w', 'KEEPTTL') end
return { 0 }
`);

/** Lengthens a lease. KEYS: lease. ARGV: token, milliseconds. Answers 1, or 0 where it is lost. */
export const RENEW: RedisScript = redisScript(`
local held = redis.call('GET', KEYS[1])
if held ~= ARGV[1] and held ~= ARGV[1] .. 'w' then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Gives a lease back without a value. KEYS: lease. ARGV: token, channel, message for those who wait. */
export const RELEASE: RedisScript = redisScript(`
local held = redis.call('GET', KEYS[1])
if held ~= ARGV[1] and held ~= ARGV[1] .. 'w' then return 0 end
redis.call('DEL', KEYS[1])
if held ~= ARGV[1] then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1
`);

/**
 * Stores what was loaded under a lease, if that still holds.
 *
 * What another program or a later version of this one has put there is left alone.
 *
 * KEYS: value, lease. ARGV: token, bytes, milliseconds to live or '', channel, message for those who wait, 'tell' (tell all) or ''.
 * Answers 1; 0 where the lease is lost; 2 where something foreign stands there.
 */
export const FILL: RedisScript = redisScript(`${OURS}
local held = redis.call('GET', KEYS[2])
if held ~= ARGV[1] and held ~= ARGV[1] .. 'w' then return 0 end
local old = redis.pcall('GETRANGE', KEYS[1], 0, 4)
if old ~= '' and not ours(old) then
  redis.call('DEL', KEYS[2])
  if held ~= ARGV[1] then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
  return 2
end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('DEL', KEYS[2])
if held ~= ARGV[1] or ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 1
`);

/**
 * Stores a value of the host's, revokes the lease and tells the others. A command that was stuck on its way is refused by what
 * was written or deleted since.
 *
 * KEYS: value, lease, tombstone. ARGV: bytes, milliseconds to live or '', moment of the write in ms by the server's clock, channel, message.
 * Answers '' where stored, else the moment of what is newer.
 */
export const PUT: RedisScript = redisScript(`${WRITTEN_AT}
local newest = math.max(tonumber(redis.call('GET', KEYS[3]) or 0), writtenAt(redis.pcall('GETRANGE', KEYS[1], 0, ${STORED_AT.to - 1})))
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000
if newest > tonumber(ARGV[3]) and newest <= now + 60000 then return string.format('%.17g', newest) end
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return ''
`);

/**
 * Deletes a value, revokes the lease, leaves a tombstone and tells the others.
 *
 * KEYS: value, lease, tombstone. ARGV: moment in ms by the server's clock, milliseconds that the tombstone stays, channel, message.
 * Answers 1 where there was a value.
 */
export const DROP: RedisScript = redisScript(`
local there = redis.call('DEL', KEYS[1])
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[3]) or 0)), 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return there
`);

/**
 * Revokes the lease of a key whose value is kept elsewhere, leaves a tombstone and tells the others. What stands under the
 * value's own name is left alone: the store may turn out to be this very server.
 *
 * KEYS: value, lease, tombstone. ARGV: moment in ms by the server's clock, milliseconds that the tombstone stays, channel, message.
 */
export const REVOKE: RedisScript = redisScript(`
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[3], math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[3]) or 0)), 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
`);

/**
 * Puts other bytes in place of those with a checksum, and of nothing else; revokes the lease and tells the others.
 *
 * KEYS: value, lease. ARGV: checksum, bytes, channel, message. Answers 1 or 0.
 */
export const REPLACE: RedisScript = redisScript(`${OURS}
local bytes = redis.pcall('GETRANGE', KEYS[1], 0, ${CHECKSUM.to - 1})
if not ours(bytes) then return 0 end
if string.sub(bytes, ${CHECKSUM.from}, ${CHECKSUM.to}) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
redis.call('DEL', KEYS[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
`);

/** Deletes what is corrupt or cut short, if it still stands there. KEYS: value. ARGV: checksum field. Answers 1 or 0. */
export const DISCARD: RedisScript = redisScript(`${OURS}
local bytes = redis.pcall('GETRANGE', KEYS[1], 0, ${CHECKSUM.to - 1})
if not ours(bytes) then return 0 end
if #bytes >= ${CHECKSUM.to} and string.sub(bytes, ${CHECKSUM.from}, ${CHECKSUM.to}) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

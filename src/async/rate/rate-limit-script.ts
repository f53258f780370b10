import { type RedisScript, redisScript } from '../../core/redis/script.js';

/**
 * A shared limit: one hash of its window, one sorted set of the processes that ask, one key while there is a cool-down. All three share a
 * slot. Fields of the hash, by the server's clock:
 *
 * - `e` epoch: when these counts began; another one says that the ones before are lost;
 * - `r`, `n` calls and tokens in the window; `at` the latest moment seen, so that a small step back of the clock stands still;
 * - `h`, `l` the oldest and the newest bucket, a 600th of the window each; `b<bucket>`: its calls, its tokens, the next bucket.
 *
 * A bucket leaves when a whole window has passed since its end. The buckets are a list, so that a question costs those that left since the one
 * before, and is O(1) on average.
 *
 * KEYS: hash, processes, cool-down. ARGV: operation, window in ms, ms that counts are kept, then
 * `reserve`: process, tokens, most calls or -1, most tokens or -1. Answers: 1, ticket or 0, ms to wait; calls, tokens, processes, epoch.
 * `settle`: ticket, calls, tokens, each up or down. More counts from now on, less where it was counted. Answers 1.
 * `cool`: ms. Answers 1.
 */
export const RATE_LIMIT: RedisScript = redisScript(`
local function text(n) return string.format('%.0f', n) end
local hash, processes, cool = KEYS[1], KEYS[2], KEYS[3]
local operation = ARGV[1]
if operation == 'cool' then
  if redis.call('PTTL', cool) < tonumber(ARGV[4]) then redis.call('SET', cool, '1', 'PX', ARGV[4]) end
  return 1
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local window = tonumber(ARGV[2])
local width = window / 600
local kept = 601

local state = redis.call('HMGET', hash, 'e', 'r', 'n', 'at', 'h', 'l')
local epoch, calls, tokens, at = state[1], tonumber(state[2] or 0), tonumber(state[3] or 0), tonumber(state[4] or 0)
local head, last = tonumber(state[5] or -1), tonumber(state[6] or -1)
-- The server's clock was set back by more than a window: what is kept belongs to no time.
if not epoch or at - now > window then
  redis.call('DEL', hash)
  epoch = time[1] .. string.format('%06d', tonumber(time[2]))
  calls, tokens, head, last = 0, 0, -1, -1
elseif now < at then
  now = at
end
local bucket = math.floor(now / width)

local function read(b)
  local c, n, nextOne = string.match(redis.call('HGET', hash, 'b' .. text(b)) or '0 0 -1', '^(%S+) (%S+) (%S+)$')
  return tonumber(c), tonumber(n), tonumber(nextOne)
end
local function write(b, c, n, nextOne)
  redis.call('HSET', hash, 'b' .. text(b), text(c) .. ' ' .. text(n) .. ' ' .. text(nextOne))
end
local function add(c, n)
  calls, tokens = calls + c, tokens + n
  if last == bucket then
    local c0, n0 = read(bucket)
    write(bucket, c0 + c, n0 + n, -1)
    return
  end
  if last >= 0 then
    local c0, n0 = read(last)
    write(last, c0, n0, bucket)
  else
    head = bucket
  end
  write(bucket, c, n, -1)
  last = bucket
end
local function save()
  redis.call('HSET', hash, 'e', epoch, 'r', text(calls), 'n', text(tokens), 'at', string.format('%.3f', now), 'h', text(head), 'l', text(last))
  redis.call('PEXPIRE', hash, ARGV[3])
end

while head >= 0 and head + kept <= bucket do
  local c, n, nextOne = read(head)
  calls, tokens = calls - c, tokens - n
  redis.call('HDEL', hash, 'b' .. text(head))
  head = nextOne
  if head < 0 then calls, tokens, last = 0, 0, -1 end
end

if operation == 'settle' then
  local its, b = string.match(ARGV[4], '^(%d+):(%d+)$')
  local c, n = tonumber(ARGV[5]), tonumber(ARGV[6])
  if (c < 0 or n < 0) and its == epoch then
    b = tonumber(b)
    if redis.call('HEXISTS', hash, 'b' .. text(b)) == 1 then
      local c0, n0, nextOne = read(b)
      local lessCalls, lessTokens = math.min(c0, math.max(0, -c)), math.min(n0, math.max(0, -n))
      write(b, c0 - lessCalls, n0 - lessTokens, nextOne)
      calls, tokens = calls - lessCalls, tokens - lessTokens
    end
  end
  if c > 0 or n > 0 then add(math.max(0, c), math.max(0, n)) end
  save()
  return 1
end

local asked, maxCalls, maxTokens = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if maxCalls < 0 then maxCalls = math.huge end
if maxTokens < 0 then maxTokens = math.huge end
redis.call('ZADD', processes, text(now), ARGV[4])
redis.call('ZREMRANGEBYSCORE', processes, '-inf', text(now - 60000))
redis.call('PEXPIRE', processes, 60000)
local seen = redis.call('ZCARD', processes)

local wait = math.max(0, redis.call('PTTL', cool))
local callsOver, tokensOver = calls + 1 - maxCalls, tokens + asked - maxTokens
local b = head
while (callsOver > 0 or tokensOver > 0) and b >= 0 do
  local c, n, nextOne = read(b)
  callsOver, tokensOver = callsOver - c, tokensOver - n
  if callsOver <= 0 and tokensOver <= 0 then wait = math.max(wait, math.ceil((b + kept) * width - now), 1) end
  b = nextOne
end
-- Not even an empty window holds it.
if callsOver > 0 or tokensOver > 0 then wait = math.max(wait, window) end
local ticket = 0
if wait == 0 then
  add(1, asked)
  ticket = epoch .. ':' .. text(bucket)
end
save()
return { 1, ticket, text(wait), text(calls), text(tokens), seen, epoch }
`);

-- Stands before every script that works on a room. Before it stands one more
-- line, which names the run of the Redis server that the script was made for:
--
--   local RUN = '<run_id>:<replication id>'
--
-- A restarted server forgets its scripts, so a script made for the run before
-- is unknown to it (NOSCRIPT), and one made for the new run finds that the head
-- still names the old one (FENCE) until what was lost has been fenced. So no
-- number is issued and no slot granted on a state that a crash may have put back.
--
-- Every script is given the same ten keys, all of one room and hence one slot,
-- and then the user buckets of its items. Life cycles:
--
--   head      HASH    policy, counters and what was learned; lives as long as the room
--   claimed   BITMAP  index = number: claimed once, for good
--   left      BITMAP  index = number: given up by its owner, or skipped after a loss
--   active    ZSET    number, by lease end (ms): one for each session; at most capacity
--   sessions  HASH    number -> user hash (16 bytes), session id (32), start (ms); as long as in active
--   ready     ZSET    number, by number: called and present without a slot
--   present   ZSET    number, by last sign (ms): who is or was ready; kept for the return window
--   history   ZSET    'serving:clock', by serving: when that value was reached; kept until `gone`
--   revoked   ZSET    'revocation:number', by revocation: sessions ended early; the last 10,000
--   lost      ZSET    'first:last', by last: numbers without records after a loss; one for each loss
--   user:<b>  HASH    user hash -> number; 65,536 buckets; as long as the number may get its user anything,
--                     and until forget.lua comes by
--
-- All but the head carry the epoch in their names. A reset deletes them.

local HEAD, CLAIMED, LEFT, ACTIVE, SESSIONS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local READY, PRESENT, HISTORY, REVOKED, LOST = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local FIRST_BUCKET = 11

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Lua prints large numbers in exponents; Redis and its readers want digits.
local function digits(number)
  return string.format('%.0f', number)
end

-- Reads fields of the head, or says why the caller must not go on.
local function read_head(epoch, ...)
  local values = redis.call('HMGET', HEAD, 'epoch', 'run', ...)
  if not values[1] then
    return nil, redis.error_reply('NOROOM there is no such room')
  end
  if values[2] ~= RUN then
    return nil, redis.error_reply('FENCE a loss is not made good yet')
  end
  if values[1] ~= epoch then
    return nil, redis.error_reply('EPOCH the room is in another epoch')
  end
  return values
end

-- The mode in force: prequeue turns open by itself.
local function mode_now(mode, opens_at)
  if mode == 'prequeue' and opens_at > 0 and opens_at <= now then
    return 'open'
  end
  return mode
end

-- Removes sessions whose lease is over; never more than capacity of them.
local function end_leases()
  local ended = 0
  repeat
    local over = redis.call('ZRANGEBYSCORE', ACTIVE, '-inf', now, 'LIMIT', 0, 500)
    if #over > 0 then
      redis.call('ZREM', ACTIVE, unpack(over))
      redis.call('HDEL', SESSIONS, unpack(over))
      ended = ended + #over
    end
  until #over < 500
  if ended > 0 then
    redis.call('HINCRBY', HEAD, 'ended', ended)
  end
end

-- A session's user hash, id and start, or nil.
local function session_of(number)
  local session = redis.call('HGET', SESSIONS, number)
  if not session then
    return nil
  end
  return {
    user = string.sub(session, 1, 16),
    id = string.sub(session, 17, 48),
    start = tonumber(string.sub(session, 49)),
  }
end

-- The end of a session's lease, or nil when it has none that still runs.
local function lease_of(number)
  local lease = tonumber(redis.call('ZSCORE', ACTIVE, number) or 0)
  return lease > now and lease or nil
end

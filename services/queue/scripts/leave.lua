-- leave: gives up a place, or gives a slot back. Leaving twice is no error.
--
-- ARGV: epoch, number, user hash; one bucket
-- Reply: 'left' (a place, just now), 'ended' (a session), 'nothing'

local head, refusal = read_head(ARGV[1], 'seq', 'serving', 'gone')
if refusal then
  return refusal
end
local seq, serving, gone = tonumber(head[3]), tonumber(head[4]), tonumber(head[5])
local number, user, bucket = tonumber(ARGV[2]), ARGV[3], KEYS[FIRST_BUCKET]

local function end_session()
  redis.call('ZREM', ACTIVE, number)
  redis.call('HDEL', SESSIONS, number)
  redis.call('HINCRBY', HEAD, 'ended', 1)
  local revocation = redis.call('HINCRBY', HEAD, 'revocation', 1)
  redis.call('ZADD', REVOKED, revocation, digits(revocation) .. ':' .. digits(number))
  redis.call('ZREMRANGEBYRANK', REVOKED, 0, -10001)
  return 'ended'
end

-- Before any bitmap is touched: a large number would make Redis allocate up to it.
if number > seq then
  return 'nothing'
end
if redis.call('GETBIT', CLAIMED, number) == 1 then
  local session = session_of(number)
  if session and session.user == user then
    return end_session()
  end
  return 'nothing'
end
local recorded = tonumber(redis.call('HGET', bucket, user) or nil)
if recorded ~= number and (recorded or number <= gone) then
  return 'nothing'
end
-- A record of its own tells a place that was given up from one that was lost.
redis.call('HSET', bucket, user, digits(number))
local left_before = redis.call('SETBIT', LEFT, number, 1) == 1
if not left_before and number > serving then
  redis.call('HINCRBY', HEAD, 'left_waiting', 1)
end
redis.call('ZREM', READY, number)
redis.call('ZREM', PRESENT, number)
return left_before and 'nothing' or 'left'

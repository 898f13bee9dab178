-- claim: what became of called numbers, and a slot for those who may have one.
--
-- ARGV: epoch, then for each visitor: number, user hash, a fresh session id
-- Reply: serving, how many came for the first time after their claim window, how many slots were given out of turn,
--        then for each visitor: standing, number, session id, start (ms), lease end (ms)
--   standing: 'waiting', 'granted' (just now), 'active', 'ready', 'expired', 'closed'; the last three fields are for
--   'granted' and 'active'

local head, refusal = read_head(ARGV[1], 'mode', 'opens_at', 'seq', 'serving', 'floor', 'gone',
  'capacity', 'lease', 'clock', 'tick_ms')
if refusal then
  return refusal
end
local mode = mode_now(head[3], tonumber(head[4]))
local seq, serving, floor, gone = tonumber(head[5]), tonumber(head[6]), tonumber(head[7]), tonumber(head[8])
local capacity, lease = tonumber(head[9]), tonumber(head[10])
-- The room's clock at this instant, as the next tick will see it.
local clock = tonumber(head[11]) + math.min(math.max(now - tonumber(head[12]), 0), 2000)
local admits = mode == 'open' or mode == 'draining'
local arrivals, arrival_delay = 0, 0
local late, out_of_turn = 0, 0

-- Takes note of the first sign of a called visitor: how soon they come is what calls are paced by.
local function note_first_sign(number)
  if number <= floor or redis.call('ZSCORE', PRESENT, number) then
    return
  end
  local reached = redis.call('ZRANGEBYSCORE', HISTORY, number, '+inf', 'LIMIT', 0, 1)[1]
  local called_at = reached and tonumber(string.match(reached, ':(%d+)$')) or clock
  arrivals = arrivals + 1
  arrival_delay = arrival_delay + math.max(clock - called_at, 0)
end

-- Takes note of who comes for the first time after the claim window.
local function note_late(number, was_present)
  if number <= floor and not was_present then
    late = late + 1
  end
end

local function grant(number, user, id)
  redis.call('SETBIT', CLAIMED, number, 1)
  redis.call('ZADD', ACTIVE, now + lease, number)
  redis.call('HSET', SESSIONS, number, user .. id .. digits(now))
  redis.call('ZREM', READY, number)
  note_late(number, redis.call('ZREM', PRESENT, number) == 1)
  return 'granted', number, id, digits(now), digits(now + lease)
end

-- `order` is the number by which the visitor stands among the ready: the number itself, but for a twin.
local function take_slot_or_wait(number, order, user, id)
  note_first_sign(number)
  local slots = capacity - redis.call('ZCARD', ACTIVE)
  local before = redis.call('ZCOUNT', READY, '-inf', '(' .. digits(order))
  if admits and slots > before then
    -- Asked apart from the rule above: it is what says that the rule holds.
    if order > serving or (before > 0 and slots <= before) then
      out_of_turn = out_of_turn + 1
    end
    return grant(number, user, id)
  end
  note_late(number, redis.call('ZADD', PRESENT, now, number) == 0)
  redis.call('ZADD', READY, order, number)
  return 'ready', number
end

-- Two users on one number can only come of a loss. The session is its user's;
-- the other goes to ready in the place of the shared number, under a new one.
local function twin(number, bucket, user, id)
  seq = seq + 1
  redis.call('HSET', HEAD, 'seq', digits(seq))
  redis.call('HSET', bucket, user, digits(seq))
  return take_slot_or_wait(seq, number, user, id)
end

-- What an older token of a user leads to: the session, or the place among the
-- present, that the user's record names.
local function recorded_place(recorded, user, id)
  local session, lease_end = session_of(recorded), lease_of(recorded)
  if session and session.user == user and lease_end then
    return 'active', recorded, session.id, digits(session.start), digits(lease_end)
  end
  if redis.call('ZSCORE', PRESENT, recorded) then
    return take_slot_or_wait(recorded, tonumber(redis.call('ZSCORE', READY, recorded) or recorded), user, id)
  end
  return 'expired', recorded
end

local function stand(number, bucket, user, id)
  if redis.call('GETBIT', CLAIMED, number) == 1 then
    local session, lease_end = session_of(number), lease_of(number)
    if not session or not lease_end then
      return 'expired', number
    end
    if session.user == user then
      return 'active', number, session.id, digits(session.start), digits(lease_end)
    end
    return twin(number, bucket, user, id)
  end
  if number <= gone and not redis.call('ZSCORE', PRESENT, number) then
    return 'expired', number
  end
  if mode == 'closed' then
    return 'closed', number
  end
  return take_slot_or_wait(number, number, user, id)
end

local function claim(index)
  local base = index * 3 - 1
  local number, user, id = tonumber(ARGV[base]), ARGV[base + 1], ARGV[base + 2]
  local bucket = KEYS[FIRST_BUCKET + index - 1]
  -- Before any bitmap is touched: a large number would make Redis allocate up to it.
  if number > serving then
    return 'waiting', number
  end
  local recorded = tonumber(redis.call('HGET', bucket, user) or nil)
  if own(number, recorded, bucket, user, serving, gone) then
    return stand(number, bucket, user, id)
  end
  if recorded and recorded ~= number then
    return recorded_place(recorded, user, id)
  end
  return 'expired', number
end

end_leases()
local reply = { digits(serving), 0, 0 }
for index = 1, (#ARGV - 1) / 3 do
  local standing, number, id, start, lease_end = claim(index)
  for _, value in ipairs({ standing, digits(number), id or '', start or '0', lease_end or '0' }) do
    reply[#reply + 1] = value
  end
end
reply[2], reply[3] = digits(late), digits(out_of_turn)
if arrivals > 0 then
  redis.call('HINCRBY', HEAD, 'arrivals', arrivals)
  redis.call('HINCRBY', HEAD, 'arrival_delay', digits(arrival_delay))
end
return reply

-- join: gives each user a place, the same one for as long as it is live.
--
-- ARGV: epoch, then for each user: user hash, the number of a token the user still shows (or 0)
-- Reply: serving, how many of them were called at once, then for each user: outcome, number
--   outcome: 'new', 'again', 'full', 'closed', 'off'

local head, refusal = read_head(ARGV[1], 'mode', 'opens_at', 'seq', 'serving', 'floor', 'gone',
  'capacity', 'max_waiting', 'left_waiting', 'credit')
if refusal then
  return refusal
end
local mode = mode_now(head[3], tonumber(head[4]))
local seq, serving, floor, gone = tonumber(head[5]), tonumber(head[6]), tonumber(head[7]), tonumber(head[8])
local capacity, max_waiting = tonumber(head[9]), tonumber(head[10])
local left_waiting, credit = tonumber(head[11]), tonumber(head[12])
local takes_joins = mode == 'open' or mode == 'prequeue' or mode == 'paused'
local called_at_once = 0

local function waiting()
  return seq - serving - left_waiting
end

-- Whether the place still gets its owner something.
local function live(number)
  if number > serving then
    return redis.call('GETBIT', LEFT, number) == 0
  end
  if redis.call('GETBIT', CLAIMED, number) == 1 then
    return lease_of(number) ~= nil
  end
  if redis.call('GETBIT', LEFT, number) == 1 then
    return false
  end
  return number > gone or redis.call('ZSCORE', PRESENT, number) ~= false
end

-- Slots that nobody has and nobody called has a claim to. Counted once, then kept.
local unclaimed_slots
local function slots_to_spare()
  if not unclaimed_slots then
    local called = serving - floor
    if called > 0 then
      called = called - redis.call('BITCOUNT', CLAIMED, floor + 1, serving, 'BIT')
        - redis.call('BITCOUNT', LEFT, floor + 1, serving, 'BIT')
    end
    -- The present are among the called, or came back: counted with both, for the sake of safety.
    unclaimed_slots = capacity - redis.call('ZCOUNT', ACTIVE, '(' .. digits(now), '+inf')
      - redis.call('ZCARD', READY) - called
  end
  return unclaimed_slots
end

local function issue(bucket, user)
  seq = seq + 1
  redis.call('HSET', bucket, user, digits(seq))
  -- Called at once where nobody is passed by it: nobody waits, and there are slots for all who were called.
  if mode == 'open' and waiting() == 1 and credit >= 1 and slots_to_spare() > 0 then
    serving, left_waiting, credit = seq, 0, credit - 1
    unclaimed_slots = unclaimed_slots - 1
    called_at_once = called_at_once + 1
  end
  return seq
end

local function join(index)
  local user, shown = ARGV[index * 2], tonumber(ARGV[index * 2 + 1])
  local bucket = KEYS[FIRST_BUCKET + index - 1]
  if mode == 'off' then
    return 'off', 0
  end
  local recorded = tonumber(redis.call('HGET', bucket, user) or nil)
  if shown > 0 and shown <= seq and shown ~= recorded and own(shown, recorded, bucket, user, serving, gone) then
    left_waiting = tonumber(redis.call('HGET', HEAD, 'left_waiting'))
    recorded = shown
  end
  if recorded and live(recorded) then
    return 'again', recorded
  end
  if not takes_joins then
    return 'closed', 0
  end
  if waiting() >= max_waiting then
    return 'full', 0
  end
  return 'new', issue(bucket, user)
end

local before = { seq = seq, serving = serving }
local reply = { 0, 0 }
for index = 1, (#ARGV - 1) / 2 do
  local outcome, number = join(index)
  reply[#reply + 1] = outcome
  reply[#reply + 1] = digits(number)
end
if seq > before.seq then
  redis.call('HSET', HEAD, 'seq', digits(seq))
end
if serving > before.serving then
  redis.call('HSET', HEAD, 'serving', digits(serving), 'left_waiting', digits(left_waiting), 'credit', tostring(credit))
end
reply[1], reply[2] = digits(serving), digits(called_at_once)
return reply

-- read: a room at one instant, for a tick and for views. Writes nothing.
--
-- Made for no run in particular: it is the script that tells which run it is.
--
-- KEYS: the ten of a room; ARGV: epoch (of another one than the room's, only the head is told), revocation known
-- Reply: run, now (ms); no more where there is no room; head fields as asked for below, active, ready,
--        how many cohorts, for each: serving, clock, claimed, left, ready,
--        how many revocations, for each: revocation, number

local HEAD, CLAIMED, LEFT, ACTIVE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local READY, HISTORY, REVOKED = KEYS[6], KEYS[8], KEYS[9]

local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication')
local run = string.match(info, 'run_id:(%w+)') .. ':' .. string.match(info, 'master_replid:(%w+)')
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local reply = { run, now }
local function add(value)
  reply[#reply + 1] = value
end

local head = redis.call('HMGET', HEAD, 'epoch', 'run', 'mode', 'opens_at', 'rate', 'burst', 'capacity',
  'claim_window', 'return_window', 'lease', 'session_cap', 'max_waiting', 'policy_version',
  'seq', 'serving', 'floor', 'gone', 'left_waiting', 'credit', 'tick', 'tick_ms', 'clock',
  'ended', 'arrivals', 'arrival_delay', 'shows_called', 'shows_came', 'shows_arrivals', 'shows_delay',
  'departures_ended', 'departures_lasted', 'revocation')
if not head[1] then
  return reply
end
for _, value in ipairs(head) do
  add(value or '')
end
if head[1] ~= ARGV[1] then
  -- The keys given are another epoch's: only the head is true.
  return reply
end
add(redis.call('ZCOUNT', ACTIVE, '(' .. now, '+inf'))
add(redis.call('ZCARD', READY))

local floor, below = tonumber(head[16]), tonumber(head[16])
local history = redis.call('ZRANGE', HISTORY, 0, -1)
add(#history)
for _, entry in ipairs(history) do
  local serving, clock = string.match(entry, '^(%d+):(%d+)$')
  local reached = tonumber(serving)
  local claimed, left, ready = 0, 0, 0
  if reached > floor then
    claimed = redis.call('BITCOUNT', CLAIMED, below + 1, reached, 'BIT')
    left = redis.call('BITCOUNT', LEFT, below + 1, reached, 'BIT')
    ready = redis.call('ZCOUNT', READY, below + 1, reached)
    below = reached
  end
  for _, value in ipairs({ serving, clock, claimed, left, ready }) do
    add(value)
  end
end

local revoked = redis.call('ZRANGEBYSCORE', REVOKED, '(' .. ARGV[2], '+inf')
add(#revoked)
for _, entry in ipairs(revoked) do
  local revocation, number = string.match(entry, '^(%d+):(%d+)$')
  add(revocation)
  add(number)
end
return reply

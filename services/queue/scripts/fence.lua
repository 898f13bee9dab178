-- fence: brings a room over a loss in Redis, so that no number is handed out twice.
--
-- A loss is any change of the server's run or replication id, or a valid token
-- above `seq`. The callers, and the gateways that told them, know what was handed
-- out: for `grace` they hand in the highest seq and serving they have seen. Then
-- `seq` goes to the greatest of these: the numbers up to there are held by
-- visitors, who wait on, though the records are gone. A margin is skipped on top,
-- for what was handed out by those who died with the server; its numbers are
-- marked left. Both are remembered as one lost range, so that whoever shows a
-- token from it keeps the place. serving never falls.
--
-- ARGV: epoch, seq seen, serving seen, grace (ms), margin
-- Reply: 'fine' (nothing to do), 'wait' (others may still hand in), 'fenced'

local head = redis.call('HMGET', HEAD, 'epoch', 'run', 'seq', 'serving',
  'fence_run', 'fence_from', 'fence_seq', 'fence_serving')
if not head[1] then
  return redis.error_reply('NOROOM there is no such room')
end
if head[1] ~= ARGV[1] then
  return redis.error_reply('EPOCH the room is in another epoch')
end
local seq, serving = tonumber(head[3]), tonumber(head[4])
local seen_seq, seen_serving = tonumber(ARGV[2]), tonumber(ARGV[3])
local grace, margin = tonumber(ARGV[4]), tonumber(ARGV[5])

local function set_bits(first, last)
  local byte = first - first % 8 + 8
  for number = first, math.min(last, byte - 1) do
    redis.call('SETBIT', LEFT, number, 1)
  end
  local whole = math.floor((last + 1) / 8) * 8
  if whole > byte then
    redis.call('SETRANGE', LEFT, byte / 8, string.rep('\255', (whole - byte) / 8))
  end
  for number = math.max(whole, byte), last do
    redis.call('SETBIT', LEFT, number, 1)
  end
end

local function make_good(known, reached)
  local target = known + margin
  -- Where nobody waits the margin is passed over at once: the next who joins is not to see it ahead.
  if reached == known then
    reached = target
  end
  set_bits(known + 1, target)
  redis.call('ZADD', LOST, digits(target), digits(seq + 1) .. ':' .. digits(target))
  local left_waiting = redis.call('BITCOUNT', LEFT, reached + 1, target, 'BIT')
  redis.call('HSET', HEAD, 'seq', digits(target), 'serving', digits(reached),
    'left_waiting', digits(left_waiting), 'run', RUN)
  redis.call('HDEL', HEAD, 'fence_run', 'fence_from', 'fence_seq', 'fence_serving')
  return 'fenced'
end

if head[2] == RUN then
  if seen_seq <= seq and seen_serving <= serving then
    return 'fine'
  end
  return make_good(math.max(seq, seen_seq, seen_serving), math.max(serving, seen_serving))
end
local from = now
if head[5] == RUN then
  from = tonumber(head[6])
  seen_seq = math.max(seen_seq, tonumber(head[7]))
  seen_serving = math.max(seen_serving, tonumber(head[8]))
end
if now - from < grace then
  redis.call('HSET', HEAD, 'fence_run', RUN, 'fence_from', digits(from),
    'fence_seq', digits(seen_seq), 'fence_serving', digits(seen_serving))
  return 'wait'
end
return make_good(math.max(seq, seen_seq, seen_serving), math.max(serving, seen_serving))

-- tick: writes what a tick decided, as a clamped increment.
--
-- ARGV: epoch, tick and policy version that the decision was made on, floor, gone, release, credit,
--       clock, cohort (ms), ended, arrivals, arrival delay (taken in), then name and value of what was learned
-- Reply: serving, how many were called, how many whose claim window is over gave no sign;
--        nothing when another tick or a change of policy came before

local head, refusal = read_head(ARGV[1], 'tick', 'policy_version', 'seq', 'serving', 'floor', 'gone',
  'left_waiting', 'clock', 'return_window', 'cohort_started', 'mode', 'opens_at')
if refusal then
  return refusal
end
if head[3] ~= ARGV[2] or head[4] ~= ARGV[3] then
  return {}
end
local seq, serving, left_waiting = tonumber(head[5]), tonumber(head[6]), tonumber(head[9])
local release, clock, cohort = tonumber(ARGV[6]), tonumber(ARGV[8]), tonumber(ARGV[9])

-- Calls `release` who wait; numbers that were left are passed over, and cost no call.
local function advance()
  local target = math.min(seq, serving + release)
  local passed = 0
  for _ = 1, 32 do
    passed = redis.call('BITCOUNT', LEFT, serving + 1, target, 'BIT')
    local further = math.min(seq, serving + release + passed)
    if further == target then
      break
    end
    target = further
  end
  return target, redis.call('BITCOUNT', LEFT, serving + 1, target, 'BIT')
end

-- Remembers when this value of serving was reached; calls that follow closely share an entry.
local function remember(reached)
  local last = redis.call('ZREVRANGE', HISTORY, 0, 0)[1]
  local last_serving = last and tonumber(string.match(last, '^(%d+):')) or 0
  if reached <= last_serving then
    return
  end
  local started = tonumber(head[12] or -1)
  if last and started >= 0 and clock - started < cohort then
    redis.call('ZREM', HISTORY, last)
  else
    redis.call('HSET', HEAD, 'cohort_started', digits(clock))
  end
  redis.call('ZADD', HISTORY, digits(reached), digits(reached) .. ':' .. digits(clock))
end

-- Those who were ready and gave no sign for so long give way, and may come back for as long as a return window.
local function drop_silent()
  local latest, silent = now - 10000, {}
  for first = 0, redis.call('ZCARD', READY) - 1, 500 do
    local ready = redis.call('ZRANGE', READY, first, first + 499)
    local signs = redis.call('ZMSCORE', PRESENT, unpack(ready))
    for at, number in ipairs(ready) do
      if tonumber(signs[at] or 0) <= latest then
        silent[#silent + 1] = number
      end
    end
  end
  -- One by one: there may be more of them than a command takes.
  for _, number in ipairs(silent) do
    redis.call('ZREM', READY, number)
  end
  redis.call('ZREMRANGEBYSCORE', PRESENT, '-inf', now - math.max(tonumber(head[11]), 10000))
end

-- How many of the numbers after `from` and up to `to` were called in vain.
local function count_no_shows(from, to)
  if to <= from then
    return 0
  end
  local silent = to - from - redis.call('BITCOUNT', CLAIMED, from + 1, to, 'BIT')
    - redis.call('BITCOUNT', LEFT, from + 1, to, 'BIT')
  if silent <= 0 then
    return 0
  end
  for _, entry in ipairs(redis.call('ZRANGE', PRESENT, 0, -1)) do
    local number = tonumber(entry)
    if number > from and number <= to then
      silent = silent - 1
    end
  end
  return math.max(silent, 0)
end

end_leases()
local mode = mode_now(head[13], tonumber(head[14]))
local admits = mode == 'open' or mode == 'draining'
local reached, called = serving, 0
if admits and seq - serving == left_waiting then
  -- Only numbers wait that were left: all are passed over, for among them may be
  -- some that a loss took from their owners, who get them back by coming.
  reached, left_waiting = seq, 0
elseif admits and release > 0 then
  local passed
  reached, passed = advance()
  called = reached - serving - passed
  left_waiting = math.max(left_waiting - passed, 0)
end
remember(reached)
local floor = math.min(math.max(tonumber(head[7]), tonumber(ARGV[4])), reached)
-- Before the silent are forgotten: they did give a sign.
local no_shows = count_no_shows(tonumber(head[7]), floor)
if admits then
  drop_silent()
end
local gone = math.min(math.max(tonumber(head[8]), tonumber(ARGV[5])), floor)
redis.call('ZREMRANGEBYSCORE', HISTORY, '-inf', gone)
local credit = tonumber(ARGV[7]) - release
redis.call('HSET', HEAD, 'serving', digits(reached), 'floor', digits(floor), 'gone', digits(gone),
  'left_waiting', digits(left_waiting), 'credit', tostring(credit), 'clock', digits(clock),
  'tick', digits(tonumber(head[3]) + 1), 'tick_ms', digits(now), unpack(ARGV, 13))
redis.call('HINCRBY', HEAD, 'ended', 0 - tonumber(ARGV[10]))
redis.call('HINCRBY', HEAD, 'arrivals', 0 - tonumber(ARGV[11]))
redis.call('HINCRBY', HEAD, 'arrival_delay', 0 - tonumber(ARGV[12]))
return { digits(reached), digits(called), digits(no_shows) }

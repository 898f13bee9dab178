-- What join and claim do for the owner of a number that a loss in Redis took.
--
-- After a loss the numbers that may have been handed out are remembered as a
-- range, and those that nobody is known to hold are marked left. Tokens are
-- signed, so whoever shows one of these numbers did get it, and keeps it.
--
-- Up to `gone` a number without a record is nobody's: records are forgotten there
-- (forget.lua), and what a loss takes is above it, since a number is issued long
-- before it is gone.

local function in_lost_range(number)
  local range = redis.call('ZRANGEBYSCORE', LOST, number, '+inf', 'LIMIT', 0, 1)[1]
  return range ~= nil and tonumber(string.match(range, '^(%d+):')) <= number
end

-- Gives up the place that a user took by joining again before showing the token of a lost one.
local function give_up(number, serving)
  if redis.call('SETBIT', LEFT, number, 1) == 0 and number > serving then
    redis.call('HINCRBY', HEAD, 'left_waiting', 1)
  end
  redis.call('ZREM', READY, number)
  redis.call('ZREM', PRESENT, number)
end

-- Whether a number is the place of the user who shows it; a lost one is given back by this.
-- `recorded` is the number that the user has by Redis' records, or nil.
local function own(number, recorded, bucket, user, serving, gone)
  if not recorded and number <= gone then
    return false
  end
  local left = redis.call('GETBIT', LEFT, number) == 1
  -- A record of its own tells a place that was given up from one that was lost.
  if recorded == number then
    return not left
  end
  if (recorded or left) and not in_lost_range(number) then
    return false
  end
  if recorded then
    if redis.call('GETBIT', CLAIMED, recorded) == 1 then
      return false
    end
    give_up(recorded, serving)
  end
  if left then
    redis.call('SETBIT', LEFT, number, 0)
    if number > serving then
      redis.call('HINCRBY', HEAD, 'left_waiting', -1)
    end
  end
  redis.call('HSET', bucket, user, digits(number))
  return true
end

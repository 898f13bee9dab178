-- What join and claim do for the owner of a number that a loss in Redis took.
--
-- After a loss the numbers that may have been handed out are marked left and
-- remembered as a range. Tokens are signed, so whoever shows one of these
-- numbers did get it, and gets the place back.

local function in_lost_range(number)
  local range = redis.call('ZRANGEBYSCORE', LOST, number, '+inf', 'LIMIT', 0, 1)[1]
  return range ~= nil and tonumber(string.match(range, '^(%d+):')) <= number
end

local function mark_left(number, serving)
  if redis.call('SETBIT', LEFT, number, 1) == 0 and number > serving then
    redis.call('HINCRBY', HEAD, 'left_waiting', 1)
  end
end

-- Gives a number back to its owner; true when it is the owner's place from now on.
-- `recorded` is the number that the user has by Redis' records, or nil.
local function restore(number, recorded, bucket, user, serving)
  if recorded == number or redis.call('GETBIT', LEFT, number) == 0 or not in_lost_range(number) then
    return false
  end
  if recorded then
    -- The user joined again before showing the older token: one of the two places goes.
    if redis.call('GETBIT', CLAIMED, recorded) == 1 then
      return false
    end
    mark_left(recorded, serving)
    redis.call('ZREM', READY, recorded)
    redis.call('ZREM', PRESENT, recorded)
  end
  redis.call('SETBIT', LEFT, number, 0)
  if number > serving then
    redis.call('HINCRBY', HEAD, 'left_waiting', -1)
  end
  redis.call('HSET', bucket, user, digits(number))
  return true
end

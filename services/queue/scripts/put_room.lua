-- put_room: creates a room, or replaces its policy; the line stays as it is.
--
-- A room that Redis has forgotten is made again in the epoch that it was in, and
-- under no run, so that it is fenced before anything else is done in it.
--
-- ARGV: policy version expected ('' for any, 'none' for no room yet), epoch to make it again in ('' for a new room),
--       then names and values of the policy's fields
-- Reply: policy version; error VERSION when another one was expected

local version = redis.call('HGET', HEAD, 'policy_version')
if ARGV[1] ~= '' and ARGV[1] ~= (version or 'none') then
  return redis.error_reply('VERSION the policy is another version')
end
if not version then
  local epoch, run = ARGV[2], ''
  if epoch == '' then
    -- Named by the second, so that no epoch comes twice even if Redis forgets one.
    epoch, run = digits(math.floor(now / 1000)), RUN
  end
  redis.call('HSET', HEAD, 'epoch', epoch, 'run', run, 'seq', 0, 'serving', 0, 'floor', 0, 'gone', 0,
    'left_waiting', 0, 'credit', 0, 'tick', 0, 'tick_ms', digits(now), 'clock', 0, 'ended', 0,
    'arrivals', 0, 'arrival_delay', 0, 'revocation', 0)
end
redis.call('HSET', HEAD, unpack(ARGV, 3))
redis.call('HDEL', HEAD, 'resume_mode')
return redis.call('HINCRBY', HEAD, 'policy_version', 1)

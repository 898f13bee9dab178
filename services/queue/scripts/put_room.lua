-- put_room: creates a room, or replaces its policy; the line stays as it is.
--
-- ARGV: policy version expected ('' for any, 'none' for no room yet), then names and values of the policy's fields
-- Reply: policy version; error VERSION when another one was expected

local version = redis.call('HGET', HEAD, 'policy_version')
if ARGV[1] ~= '' and ARGV[1] ~= (version or 'none') then
  return redis.error_reply('VERSION')
end
if not version then
  redis.call('HSET', HEAD, 'epoch', digits(math.floor(now / 1000)), 'run', RUN, 'seq', 0, 'serving', 0, 'floor', 0, 'gone', 0,
    'left_waiting', 0, 'credit', 0, 'tick', 0, 'tick_ms', digits(now), 'clock', 0, 'ended', 0,
    'arrivals', 0, 'arrival_delay', 0, 'revocation', 0)
end
redis.call('HSET', HEAD, unpack(ARGV, 2))
redis.call('HDEL', HEAD, 'resume_mode')
return redis.call('HINCRBY', HEAD, 'policy_version', 1)

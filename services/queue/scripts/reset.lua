-- reset: starts a new epoch with an empty line; the policy stays.
--
-- Nothing of the old epoch is read again. Its keys are 65,536 buckets and more,
-- too many for one script: the epoch is noted as retired, and any copy deletes
-- the keys in small steps, and the note last.
--
-- KEYS: the ten of a room, then the room's set of retired epochs
-- ARGV: epoch
-- Reply: the new epoch

local head, refusal = read_head(ARGV[1])
if refusal then
  return refusal
end
-- Named by the second, so that no epoch comes twice even if Redis forgets one.
local epoch = math.max(tonumber(ARGV[1]) + 1, math.floor(now / 1000))
redis.call('SADD', KEYS[FIRST_BUCKET], ARGV[1])
redis.call('HSET', HEAD, 'epoch', digits(epoch), 'seq', 0, 'serving', 0, 'floor', 0, 'gone', 0,
  'left_waiting', 0, 'credit', 0, 'clock', 0, 'ended', 0, 'arrivals', 0, 'arrival_delay', 0)
redis.call('HDEL', HEAD, 'cohort_started')
redis.call('HINCRBY', HEAD, 'policy_version', 1)
return digits(epoch)

-- set_mode: pause, resume or drain.
--
-- ARGV: epoch, 'pause', 'resume' or 'drain'
-- Reply: the mode from now on; error MODE when the room's mode does not allow it

local head, refusal = read_head(ARGV[1], 'mode', 'opens_at', 'resume_mode')
if refusal then
  return refusal
end
local mode = mode_now(head[3], tonumber(head[4]))
local target
if ARGV[2] == 'pause' then
  -- Pausing twice is no error, and forgets nothing.
  if mode == 'paused' then
    return mode
  end
  target = (mode == 'open' or mode == 'prequeue' or mode == 'draining') and 'paused'
elseif ARGV[2] == 'resume' then
  target = mode == 'paused' and (head[5] or 'open')
else
  target = (mode == 'open' or mode == 'prequeue' or mode == 'paused') and 'draining'
end
if not target then
  return redis.error_reply('MODE the mode does not allow it')
end
redis.call('HDEL', HEAD, 'resume_mode')
if target == 'paused' then
  redis.call('HSET', HEAD, 'resume_mode', mode)
end
redis.call('HSET', HEAD, 'mode', target)
redis.call('HINCRBY', HEAD, 'policy_version', 1)
return target

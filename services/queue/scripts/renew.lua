-- renew: moves the end of a session's lease to now plus a lease, never past the session cap.
--
-- ARGV: epoch, number, user hash
-- Reply: session id, start (ms), lease end (ms); or nothing, when there is no such session

local head, refusal = read_head(ARGV[1], 'lease', 'session_cap')
if refusal then
  return refusal
end
local number = tonumber(ARGV[2])
local session = session_of(number)
if not session or session.user ~= ARGV[3] or not lease_of(number) then
  return {}
end
local lease_end = math.min(now + tonumber(head[3]), session.start + tonumber(head[4]))
-- XX cannot bring back a session that ended; GT keeps a shortened lease from taking back what was promised.
redis.call('ZADD', ACTIVE, 'XX', 'GT', lease_end, number)
return { session.id, digits(session.start), digits(lease_of(number)) }

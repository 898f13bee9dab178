-- check: what is to be true of a room, as it is at one instant. Writes nothing, and is made for no run in particular.
--
-- KEYS: the ten of a room; ARGV: epoch
-- Reply: now (ms), seq, serving, floor, capacity, claimed numbers above serving,
--        how many sessions, for each: number, lease end (ms), user hash (hex), session id, whether the number is claimed,
--        how many lost ranges, for each: first, last,
--        how many values of serving are remembered, for each: serving, clock

local HEAD, CLAIMED, ACTIVE, SESSIONS = KEYS[1], KEYS[2], KEYS[4], KEYS[5]
local HISTORY, LOST = KEYS[8], KEYS[10]

local head = redis.call('HMGET', HEAD, 'epoch', 'seq', 'serving', 'floor', 'capacity')
if not head[1] then
  return redis.error_reply('NOROOM there is no such room')
end
if head[1] ~= ARGV[1] then
  return redis.error_reply('EPOCH the room is in another epoch')
end

local time = redis.call('TIME')
local reply = { string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) }
local function add(...)
  for _, value in ipairs({ ... }) do
    reply[#reply + 1] = value
  end
end

local function hex(bytes)
  return (string.gsub(bytes, '.', function(byte)
    return string.format('%02x', string.byte(byte))
  end))
end

add(head[2], head[3], head[4], head[5])
add(redis.call('BITCOUNT', CLAIMED, tonumber(head[3]) + 1, -1, 'BIT'))

local active = redis.call('ZRANGE', ACTIVE, 0, -1, 'WITHSCORES')
add(#active / 2)
for index = 1, #active, 2 do
  local number = active[index]
  local session = redis.call('HGET', SESSIONS, number) or ''
  local claimed = redis.call('GETBIT', CLAIMED, number)
  add(number, active[index + 1], hex(string.sub(session, 1, 16)), string.sub(session, 17, 48), claimed)
end

local function add_pairs(key)
  local entries = redis.call('ZRANGE', key, 0, -1)
  add(#entries)
  for _, entry in ipairs(entries) do
    add(string.match(entry, '^(%d+):(%d+)$'))
  end
end

add_pairs(LOST)
add_pairs(HISTORY)
return reply

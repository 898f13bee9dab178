-- check_users: who has which number, of some buckets of a room. Writes nothing, and is made for no run in particular.
--
-- KEYS: buckets; ARGV: none
-- Reply: for each user: hash (hex), number

local reply = {}
for _, bucket in ipairs(KEYS) do
  local users = redis.call('HGETALL', bucket)
  for index = 1, #users, 2 do
    local hash = string.gsub(users[index], '.', function(byte)
      return string.format('%02x', string.byte(byte))
    end)
    reply[#reply + 1] = hash
    reply[#reply + 1] = users[index + 1]
  end
end
return reply

-- forget: drops the records of users whose numbers get them nothing any more, of some buckets.
--
-- Without it a room that is never reset would hold a record of everybody who ever
-- joined. Nobody is told anything else for it: up to `gone` a number without a
-- record is as one that is over, in join, claim and leave alike. Who is present or
-- in a session may have a number as low, and stays on record; so does a session
-- whose lease has ended and that nobody has cleared away yet.
--
-- ARGV: epoch; any buckets
-- Reply: 'done'

local head, refusal = read_head(ARGV[1], 'gone')
if refusal then
  return refusal
end
local gone = tonumber(head[3])

local function passed(records)
  local users, numbers = {}, {}
  for at = 1, #records, 2 do
    if tonumber(records[at + 1]) <= gone then
      users[#users + 1] = records[at]
      numbers[#numbers + 1] = records[at + 1]
    end
  end
  return users, numbers
end

local function drop(bucket, users, numbers)
  local leases = redis.call('ZMSCORE', ACTIVE, unpack(numbers))
  local signs = redis.call('ZMSCORE', PRESENT, unpack(numbers))
  local over = {}
  for at, user in ipairs(users) do
    if not leases[at] and not signs[at] then
      over[#over + 1] = user
    end
  end
  if #over > 0 then
    redis.call('HDEL', bucket, unpack(over))
  end
end

for index = FIRST_BUCKET, #KEYS do
  local users, numbers = passed(redis.call('HGETALL', KEYS[index]))
  if #users > 0 then
    drop(KEYS[index], users, numbers)
  end
end
return { 'done' }

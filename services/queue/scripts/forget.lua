-- forget: drops the records of users whose numbers get them nothing any more, of some buckets.
--
-- Who joins without a record gets a new number, and who joins with one that is over
-- does too: so nobody is told anything else for it, and a room that is never reset
-- holds as many records as it has use for.
--
-- ARGV: epoch; any buckets
-- Reply: how many were dropped

local head, refusal = read_head(ARGV[1], 'gone')
if refusal then
  return refusal
end
local gone = tonumber(head[3])

local function is_over(number)
  return number <= gone and not lease_of(number) and not redis.call('ZSCORE', PRESENT, number)
end

local dropped = 0
for index = FIRST_BUCKET, #KEYS do
  local records, over = redis.call('HGETALL', KEYS[index]), {}
  for at = 1, #records, 2 do
    if is_over(tonumber(records[at + 1])) then
      over[#over + 1] = records[at]
    end
  end
  if #over > 0 then
    dropped = dropped + redis.call('HDEL', KEYS[index], unpack(over))
  end
end
return { digits(dropped) }

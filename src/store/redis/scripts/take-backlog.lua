-- Takes or keeps the lease of a backlog, and reads records of it, the oldest first.
-- KEYS[1] lease, KEYS[2] backlog   ARGV: token, lease ttl ms (0 = give it back), after this record ('' = from the first), most records,
--                                        most bytes of values, beyond which no further one is added
-- → { 'taken' | 'busy', now µs, records in the backlog, ms for which the oldest has waited, then of each record its id and its fields }
local token, ttl, after, most, most_bytes = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local waits = first and math.max(0, now - tonumber(string.match(first[1], '^%d+'))) or 0
local told = { 'taken', now_us, redis.call('XLEN', KEYS[2]), waits }
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= token then
  told[1] = 'busy'
  return told
end
if ttl == 0 then
  redis.call('DEL', KEYS[1])
  return told
end
redis.call('SET', KEYS[1], token, 'PX', ttl)
local from, count, bytes = after == '' and '-' or '(' .. after, 0, 0
while count < most and bytes < most_bytes do
  -- A few at a time: values may be large.
  local some = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', math.min(16, most - count))
  if #some == 0 then break end
  for _, record in ipairs(some) do
    told[#told + 1] = record[1]
    told[#told + 1] = record[2]
    bytes = bytes + #record[2][14]
    from = '(' .. record[1]
  end
  count = count + #some
end
return told

-- Goes on with the life of a node of a cluster in another of its slots, since the one where its control keys were has left that node.
-- KEYS: those of beat.lua but for the probe   ARGV: epoch, accepted epochs, stamp that its last answered heartbeat told, version of the member
--       list, largest version seen, members …
-- → { 'adopted', now µs }
-- Several sidecars do this, and each may know another state of the former life: that of the largest stamp is the last one.
local life, beats, seen = KEYS[1], KEYS[2], KEYS[3]
local epoch, accepted, stamp, list, floor = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
-- Stamps and member lists go on well above all that the former life can have come to meanwhile.
local AHEAD, MOST_EPOCHS = 1000000, 8

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local facts = redis.call('HMGET', life, 'run', 'epoch', 'accepted', 'stamp', 'list', 'basis')
if facts[1] ~= run or not facts[2] then
  -- What stands here came from another node, together with the slot.
  redis.call('DEL', unpack(KEYS))
  redis.call('HSET', life, 'run', run, 'epoch', epoch, 'accepted', accepted, 'since', string.format('%.0f', now),
    'stamp', string.format('%.0f', stamp + AHEAD), 'list', string.format('%.0f', list + AHEAD), 'floor', floor, 'basis', stamp)
elseif facts[2] == epoch or is_among(epoch, facts[3] or '') then
  -- Somebody has done it already.
elseif not facts[6] then
  -- Somebody began a new life without knowing of the former one, whose memory is this one all the same.
  redis.call('HSET', life, 'accepted', string.sub(epoch .. accepted .. (facts[3] or ''), 1, MOST_EPOCHS * 8))
elseif stamp > tonumber(facts[6]) then
  redis.call('HSET', life, 'epoch', epoch, 'accepted', accepted, 'basis', stamp)
end
local last = redis.call('HGET', life, 'stamp')
for at = 6, #ARGV do
  if redis.call('ZADD', beats, 'NX', last, ARGV[at]) == 1 then redis.call('HINCRBY', life, 'list', 1) end
  redis.call('ZADD', seen, 'NX', now, ARGV[at])
end
return { 'adopted', now_us }

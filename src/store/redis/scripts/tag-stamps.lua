-- What a shard's life tells of the stamps of tags, beside their own records.
-- Tags fall into so many parts that a load is seldom overtaken by the stamp of another tag.
local function part_of(tag) return 't' .. string.sub(redis.sha1hex(tag), 1, 1) end

-- { epoch, since when (ms), last stamp in the part of the tag (0 = none in this epoch) }, or nil where there is no life to be
-- seen: before the first heartbeat, or, in a cluster, on its way to another slot.
local function life_facts(life, tag)
  local facts = redis.pcall('HMGET', life, 'epoch', 'since', part_of(tag))
  if facts.err or not facts[1] or not facts[2] then return nil end
  local noted = facts[3] or ''
  local stamp = string.sub(noted, 1, 8) == facts[1] and struct.unpack('>I8', noted, 9) or 0
  return { epoch = facts[1], since = tonumber(facts[2]), stamp = stamp }
end

-- Notes a stamp under the epoch that it was made in, whatever whoever made it knows of that.
local function note_stamp(life, tag, stamp)
  local facts = life_facts(life, tag)
  if facts and facts.stamp < stamp then
    redis.call('HSET', life, part_of(tag), facts.epoch .. struct.pack('>I8', stamp))
  end
end

-- What was known at the last survey of how hot keys of this shard are.
-- KEYS[1] table (hash, see heat-table.lua)   ARGV: how many keys at most
-- → { 'hottest', now µs, for each key, the hottest first: name, reads, shard reads and writes per second, share, copies, ms since it has any … }
local all = all_in(redis.call('HGET', KEYS[1], '~'))
if not all then return { 'hottest', now_us } end
local flat = decode(redis.call('HGET', KEYS[1], '~keys') or '', all.keys)
local hot = {}
for at = 1, #flat, VALUES do hot[#hot + 1] = at end
table.sort(hot, function(a, b)
  local one, other = heat_of(flat, a), heat_of(flat, b)
  return one > other or (one == other and flat[a] < flat[b])
end)
local told = { 'hottest', now_us }
for place = 1, math.min(#hot, tonumber(ARGV[1])) do
  local at = hot[place]
  local since = flat[at + COPIES] == 0 and 0 or math.max(0, now - flat[at + SINCE])
  for _, fact in ipairs({ flat[at], per_second(flat[at + READS]), per_second(flat[at + SHARD_READS]), per_second(flat[at + WRITES]),
                          text(share_of(flat, at, all.shard_reads)), flat[at + COPIES], since }) do
    told[#told + 1] = fact
  end
end
return told

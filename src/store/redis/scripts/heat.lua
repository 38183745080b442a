-- One sidecar's word on how hot keys of this shard are; now and then, how many copies each has from now on. ../../memory/heat-table.ts, heat-sums.ts
-- and heat-loop.ts say the same, and why.
-- KEYS[1] table (hash, see heat-table.lua)
-- ARGV: least reads per second for copies, target share, version of the list that is known, what is told (reads sent to this shard, to a shard in the
--       mean, and number of keys as '>ddB'; for each key name, reads, shard reads, writes and most copies as 'sI4I4I4H')
-- → { 'heat', now µs, version of the list, 1 = it is the known one, lines of copies and key, decisions: key, from, to, reads per second, share … }
local SURVEY, LARGE, LARGE_SURVEY = 500, 256, 1000
local MOST_TOLD, MOST_KEYS, MOST_HOLDS, LEAST_HEAT = 256, 512, 8000, 1
local MARGIN, CALM, ONE_BY_ONE, READS_PER_WRITE, ROUNDING = 1.25, 8000, 4, 10, 1e-6
local key, least, target, known = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local all = all_in(redis.call('HGET', key, '~'))
if not all then
  redis.call('DEL', key)
  all = { shard_reads = 0, mean_reads = 0, surveyed = now, version = now_us, keys = 0, told = 0 }
end
local passed = now - all.surveyed
local is_due = passed < 0 or passed >= (all.keys > LARGE and LARGE_SURVEY or SURVEY) or all.told + 1 >= MOST_TOLD
local decided = {}

local function header() return struct.pack(ALL_SHAPE, FORMAT, all.shard_reads, all.mean_reads, all.surveyed, all.version, all.keys, all.told) end

-- How many copies bring a key's reads down to the target at each place where it lies.
local function wanted(reads, most)
  if all.mean_reads <= 0 or reads * 1000 < least * TIME_CONSTANT then return 0 end
  return math.max(0, math.min(most, math.ceil(reads / (target * all.mean_reads) - ROUNDING) - 1))
end

local function decide(flat, at)
  local shard_reads, most, low, wrote = flat[at + SHARD_READS], flat[at + MOST], flat[at + LOW], flat[at + WROTE]
  local was_of_late = wrote ~= 0 and now - wrote < CALM
  if flat[at + WRITES] * READS_PER_WRITE * (was_of_late and MARGIN or 1) > shard_reads then
    flat[at + WROTE], flat[at + LOW] = now, 0
    return 0
  end
  local kept = math.min(flat[at + COPIES], most)
  local needed = was_of_late and 0 or wanted(shard_reads, most)
  if needed > kept or kept == 0 then
    flat[at + LOW] = 0
    return math.max(needed, kept)
  end
  local enough = wanted(shard_reads * MARGIN, most)
  if enough >= kept then
    flat[at + LOW] = 0
  elseif low == 0 then
    flat[at + LOW] = now
  elseif now - low >= CALM then
    flat[at + LOW] = now
    return math.max(enough, math.min(kept - 1, ONE_BY_ONE))
  end
  return kept
end

-- Adds up what was told, into tables by key, and the keys in the order in which they came up.
local function added(reports)
  local order, reads, shard_reads, writes, most, shapes = {}, {}, {}, {}, {}, {}
  for _, report in ipairs(reports) do
    local sent, mean, count, first = struct.unpack('>ddB', report)
    all.shard_reads, all.mean_reads = all.shard_reads + sent, all.mean_reads + mean
    shapes[count] = shapes[count] or '>' .. string.rep('sI4I4I4H', count)
    local values = { struct.unpack(shapes[count], report, first) }
    for at = 1, count * 5, 5 do
      local name = values[at]
      local before = reads[name]
      if before then
        reads[name], shard_reads[name], writes[name] = before + values[at + 1], shard_reads[name] + values[at + 2], writes[name] + values[at + 3]
        if values[at + 4] < most[name] then most[name] = values[at + 4] end
      else
        order[#order + 1] = name
        reads[name], shard_reads[name], writes[name], most[name] = values[at + 1], values[at + 2], values[at + 3], values[at + 4]
      end
    end
  end
  return order, reads, shard_reads, writes, most
end

-- Brings what is known to the present, where the clock was set back with moments that are still to come as now, and adds what was told.
local function merged(reports)
  local left = math.exp(-math.max(0, passed) / TIME_CONSTANT)
  all.shard_reads, all.mean_reads = all.shard_reads * left, all.mean_reads * left
  local order, reads, shard_reads, writes, most = added(reports)
  local flat = decode(redis.call('HGET', key, '~keys') or '', all.keys)
  for at = 1, #flat, VALUES do
    local name = flat[at]
    flat[at + READS], flat[at + SHARD_READS], flat[at + WRITES] = flat[at + READS] * left, flat[at + SHARD_READS] * left, flat[at + WRITES] * left
    if passed < 0 then
      for moment = at + MOST_AT, at + WROTE do flat[moment] = math.min(flat[moment], now) end
    end
    if reads[name] then
      flat[at + READS], flat[at + SHARD_READS] = flat[at + READS] + reads[name], flat[at + SHARD_READS] + shard_reads[name]
      flat[at + WRITES] = flat[at + WRITES] + writes[name]
      if most[name] <= flat[at + MOST] or now - flat[at + MOST_AT] >= MOST_HOLDS then flat[at + MOST], flat[at + MOST_AT] = most[name], now end
      reads[name] = nil
    end
  end
  for _, name in ipairs(order) do
    if reads[name] then
      local at = #flat
      flat[at + 1], flat[at + 2], flat[at + 3], flat[at + 4] = name, reads[name], shard_reads[name], writes[name]
      flat[at + 5], flat[at + 6], flat[at + 7], flat[at + 8], flat[at + 9], flat[at + 10] = most[name], 0, now, 0, 0, 0
    end
  end
  return flat
end

-- Decides on every key; which of them are warm, by where they are.
local function judged(flat)
  local warm, heats = {}, {}
  for at = 1, #flat, VALUES do
    local from = flat[at + COPIES]
    local to = decide(flat, at)
    if to ~= from then
      decided[#decided + 1] = { flat[at], from, to, per_second(flat[at + READS]), text(share_of(flat, at, all.shard_reads)) }
      flat[at + COPIES] = to
      if to == 0 or from == 0 then flat[at + SINCE] = to == 0 and 0 or now end
    end
    local heat = heat_of(flat, at)
    if to > 0 or heat >= LEAST_HEAT then warm[#warm + 1] = at end
    if to == 0 and heat >= LEAST_HEAT then heats[#heats + 1] = heat end
  end
  return warm, heats
end

local function survey(reports)
  local flat = merged(reports)
  local warm, heats = judged(flat)
  local surplus, limit = #warm - MOST_KEYS, nil
  if surplus > 0 then
    table.sort(heats)
    limit = heats[surplus]
  end
  local kept, list = {}, {}
  for _, at in ipairs(warm) do
    if limit and surplus > 0 and flat[at + COPIES] == 0 and heat_of(flat, at) <= limit then
      surplus = surplus - 1
    else
      local base = #kept
      for place = 0, VALUES - 1 do kept[base + place + 1] = flat[at + place] end
      if flat[at + COPIES] > 0 then list[#list + 1] = { flat[at], flat[at + COPIES] } end
    end
  end
  all.keys, all.surveyed, all.told = #kept / VALUES, now, 0
  local parts = {}
  for first = 0, all.keys - 1, CHUNK do
    local count = math.min(CHUNK, all.keys - first)
    parts[#parts + 1] = struct.pack('>' .. string.rep(KEY_SHAPE, count), unpack(kept, first * VALUES + 1, (first + count) * VALUES))
  end
  local function by_name(a, b) return a[1] < b[1] end
  table.sort(list, by_name)
  table.sort(decided, by_name)
  local lines = {}
  for at, one in ipairs(list) do lines[at] = string.format('%.0f ', one[2]) .. one[1] .. '\n' end
  local new_list = table.concat(lines)
  if new_list ~= (redis.call('HGET', key, '~list') or '') then all.version = math.max(now_us, all.version + 1) end
  redis.call('HSET', key, '~', header(), '~keys', table.concat(parts), '~list', new_list)
end

if is_due then
  local fields = {}
  for at = 1, all.told do fields[at] = tostring(at) end
  local reports = #fields > 0 and redis.call('HMGET', key, unpack(fields)) or {}
  if #fields > 0 then redis.call('HDEL', key, unpack(fields)) end
  reports[#reports + 1] = ARGV[4]
  survey(reports)
else
  all.told = all.told + 1
  redis.call('HSET', key, '~', header(), tostring(all.told), ARGV[4])
end

local version, told = string.format('%.0f', all.version), {}
for _, one in ipairs(decided) do
  for _, fact in ipairs(one) do told[#told + 1] = fact end
end
if version == known then return { 'heat', now_us, version, 1, '', told } end
return { 'heat', now_us, version, 0, redis.call('HGET', key, '~list') or '', told }

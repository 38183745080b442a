-- Shared by heat.lua and hottest.lua: how the table of ../../memory/heat-table.ts lies in a hash: '~' → what holds for all, '~keys' → what is known
-- of keys, one behind the other, '~list' → those that have copies, lines of count and key, '1', '2' … → what was told since the last survey.
local FORMAT, TIME_CONSTANT, LOST, SHARD_READ_WEIGHT = 1, 2000, 60000, 10
local ALL_SHAPE = '>Bdddddd'

-- What is known of a key, in a flat list of all of them: so many values each, in this order after the key.
local KEY_SHAPE, VALUES, CHUNK = 'sdddHHdddd', 10, 64
local READS, SHARD_READS, WRITES, MOST, COPIES, MOST_AT, SINCE, LOW, WROTE = 1, 2, 3, 4, 5, 6, 7, 8, 9

-- What holds for all, or nil when there is no table, or one of another format, or one that is too old.
local function all_in(raw)
  if not raw or string.byte(raw) ~= FORMAT then return nil end
  local _, shard_reads, mean_reads, surveyed, version, keys, told = struct.unpack(ALL_SHAPE, raw)
  if math.abs(now - surveyed) > LOST then return nil end
  return { shard_reads = shard_reads, mean_reads = mean_reads, surveyed = surveyed, version = version, keys = keys, told = told }
end

-- Many keys are read in one call, since calls are what costs.
local function decode(raw, keys)
  local flat, at = {}, 1
  for first = 0, keys - 1, CHUNK do
    local count = math.min(CHUNK, keys - first)
    local values = { struct.unpack('>' .. string.rep(KEY_SHAPE, count), raw, at) }
    local base, last = first * VALUES, count * VALUES
    for place = 1, last do flat[base + place] = values[place] end
    at = values[last + 1]
  end
  return flat
end

local function heat_of(flat, at) return flat[at + READS] + SHARD_READ_WEIGHT * flat[at + SHARD_READS] end

-- Of the shard's reads, as readers spread evenly over the key and its copies.
local function share_of(flat, at, shard_reads)
  return shard_reads <= 0 and 0 or math.min(1, flat[at + SHARD_READS] / (1 + flat[at + COPIES]) / shard_reads)
end

local function text(number) return string.format('%.17g', number) end
local function per_second(sum) return text(sum * 1000 / TIME_CONSTANT) end

-- One sidecar's word on what it uses of an origin, and what it may use from now on. ../../memory/budget-table.ts says the same, and why.
-- KEYS[1] table (hash: '~' → what holds for all, member → its record)
-- ARGV: member, turn, limit, fleet, running, share, wants, 1 = it counts on its floor, lease ms, settle ms, 1 = the table has, or had, another home, 1 = it leaves
-- → { 'granted', now µs, share, seat: 'taken' | 'waiting' | 'beyond', ms until the table grants } | { 'late', now µs }
local SILENT, ASKS_PER_SURVEY, SLICES = 600000, 8, 3
local key, member = KEYS[1], ARGV[1]
local turn, limit, fleet, running, share, wants = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local seated, lease, settle, moved, leaves = ARGV[8] == '1', tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11] == '1', ARGV[12] == '1'

local FIELDS = { 'born', 'longest', 'asked', 'asks', 'members', 'least', 'most', 'fleet', 'floor', 'seats', 'gone', 'alive', 'floors', 'used', 'level' }
local RECORD = { 'turn', 'held', 'wants', 'floor', 'limit', 'fleet', 'quiet', 'lapses', 'left', 'extra', 'since' }

local function decode(names, raw)
  local values = { struct.unpack('>' .. string.rep('d', #names), raw) }
  local found = {}
  for at, name in ipairs(names) do found[name] = values[at] end
  return found, values[#names + 1]
end

local function encode(names, record)
  local values = {}
  for at, name in ipairs(names) do values[at] = record[name] end
  return struct.pack('>' .. string.rep('d', #names), unpack(values))
end

local function counted(record) return record and math.max(record.held, record.floor) or 0 end

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local raw = redis.call('HGET', key, '~')
local all
if raw then
  local facts, at = decode(FIELDS, raw)
  if string.sub(raw, at) == run then all = facts end
end
if not all then
  redis.call('DEL', key)
  all = { born = now, longest = 0, asked = now, asks = 0, members = 0, least = limit, most = limit, fleet = fleet, floor = 0, seats = 0, gone = 0,
          alive = 0, floors = 0, used = 0, level = 0 }
end

local known = redis.call('HGET', key, member)
local old = known and decode(RECORD, known) or nil
if old and turn <= old.turn then return { 'late', now_us } end

all.longest = math.max(all.longest, lease + settle)
if moved or (not old and now - all.asked > lease + settle) then all.born = now end
all.asked = now
if old then
  all.used, all.members, all.gone = all.used - counted(old), all.members - 1, all.gone - old.left
  if old.floor > 0 then all.seats = all.seats - 1 end
end
local grants_at = all.born + all.longest
local renews = now < grants_at
local own_floor = math.floor(limit / fleet)
all.least, all.most = math.min(all.least, limit), math.max(all.most, limit)
all.fleet, all.floor = math.max(all.fleet, fleet), math.max(all.floor, own_floor)

if leaves then
  redis.call('HDEL', key, member)
  redis.call('HSET', key, '~', encode(FIELDS, all) .. run)
  return { 'granted', now_us, 0, 'waiting', math.max(0, grants_at - now) }
end

local function reserve(seats) return math.max(0, all.fleet - seats) * all.floor end

local held_before = old and now < old.lapses and old.held or 0
local claimed = renews and share or math.min(share, held_before)
local record = { turn = turn, held = math.max(running, claimed), wants = wants, floor = 0, limit = limit, fleet = fleet, quiet = now + lease,
                 lapses = now + lease + settle, left = 0, extra = old and old.extra or 0, since = old and old.since or 0 }
local seat = 'taken'
if own_floor > 0 and not seated and not (old and old.floor > 0) then
  local is_free = all.seats + all.gone < all.fleet
  local fits = all.used + math.max(record.held, own_floor) + reserve(all.seats + 1) <= limit
  if renews or not is_free or not fits then
    seat = (all.alive >= all.fleet or all.floors + own_floor > all.most) and 'beyond' or 'waiting'
  end
end
if seat == 'taken' then record.floor = own_floor end
all.used, all.members, all.asks = all.used + counted(record), all.members + 1, all.asks + 1
if record.floor > 0 then all.seats = all.seats + 1 end

-- Whom does the table still know, and how far does what is left go if all are treated alike?
local function survey()
  all.asks, all.members, all.least, all.most, all.fleet, all.floor = 0, 0, math.huge, 0, 0, 0
  all.seats, all.alive, all.floors, all.used = 0, 0, 0, 0
  local fields = redis.call('HGETALL', key)
  local silent, asking, gone, changed = 0, {}, {}, {}
  for at = 1, #fields, 2 do
    local id = fields[at]
    local one = nil
    if id == member then one = record elseif id ~= '~' then one = decode(RECORD, fields[at + 1]) end
    if one and now >= one.lapses then
      if one.left == 0 and one.floor > 0 then
        one.held, one.floor, one.left, one.extra = 0, 0, 1, 0
        changed[id] = one
      end
      if one.left == 1 and now - one.lapses <= SILENT then table.insert(gone, { id = id, record = one })
      else
        redis.call('HDEL', key, id)
        changed[id] = nil
      end
      one = nil
    end
    if one then
      all.members, all.used = all.members + 1, all.used + counted(one)
      all.least, all.most = math.min(all.least, one.limit), math.max(all.most, one.limit)
      all.fleet, all.floor = math.max(all.fleet, one.fleet), math.max(all.floor, math.floor(one.limit / one.fleet))
      if one.floor > 0 then all.seats = all.seats + 1 end
      if now < one.quiet then
        if one.floor > 0 then all.alive, all.floors = all.alive + 1, all.floors + one.floor end
        table.insert(asking, { id = id, record = one })
      else
        silent = silent + counted(one)
      end
    end
  end

  table.sort(gone, function(a, b) return a.record.lapses < b.record.lapses or (a.record.lapses == b.record.lapses and a.id < b.id) end)
  all.gone = math.max(0, math.min(#gone, all.fleet - all.seats))
  for at = 1, #gone - all.gone do
    redis.call('HDEL', key, gone[at].id)
    changed[gone[at].id] = nil
  end
  all.members = all.members + all.gone

  local room = all.least - reserve(all.seats) - silent
  local function needed(level)
    local sum = 0
    for _, one in ipairs(asking) do sum = sum + math.max(one.record.floor, math.min(one.record.wants, level)) end
    return sum
  end
  local low, high = 0, all.most
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if needed(middle) <= room then low = middle else high = middle - 1 end
  end
  all.level = low

  local spare = math.max(0, room - needed(low))
  local line, served = {}, {}
  for _, one in ipairs(asking) do
    local wanting = one.record.wants > low and one.record.floor <= low
    if wanting and one.record.extra == 0 then
      table.insert(line, one)
    elseif one.record.extra > 0 then
      if wanting and now - one.record.since < lease / SLICES then
        table.insert(served, one)
      else
        one.record.extra, one.record.since = 0, now
        changed[one.id] = one.record
        if wanting then table.insert(line, one) end
      end
    end
  end
  local function by_age(a, b) return a.record.since < b.record.since or (a.record.since == b.record.since and a.id < b.id) end
  table.sort(served, by_age)
  table.sort(line, by_age)
  for at = 1, #served - spare do
    served[at].record.extra, served[at].record.since = 0, now
    changed[served[at].id] = served[at].record
  end
  for at = 1, math.min(#line, spare - #served) do
    line[at].record.extra, line[at].record.since = 1, now
    changed[line[at].id] = line[at].record
  end
  for id, one in pairs(changed) do redis.call('HSET', key, id, encode(RECORD, one)) end
end
if all.asks * ASKS_PER_SURVEY >= all.members then
  redis.call('HSET', key, member, encode(RECORD, record))
  survey()
end

local target = math.max(record.floor, math.min(wants, all.level + record.extra))
local given
if renews then
  given = math.max(record.floor, math.min(claimed, wants))
else
  local free = all.least - all.used - reserve(all.seats)
  local own = math.max(record.floor, claimed, math.min(running, held_before))
  given = math.min(target, free < 0 and own or counted(record) + free)
end
-- A turn begins when there is something to have.
if record.extra == 1 and given > counted(record) then record.since = now end
all.used = all.used - counted(record)
record.held = math.max(record.held, given)
all.used = all.used + counted(record)
redis.call('HSET', key, member, encode(RECORD, record), '~', encode(FIELDS, all) .. run)
return { 'granted', now_us, given, seat, math.max(0, grants_at - now) }

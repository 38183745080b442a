-- Shared by every script: the record of ../../record.ts, the server's clock, and versions.
local VALUE, NEGATIVE, TOMBSTONE, LEASE = 1, 2, 3, 4
local HEADER, STALE_IS_NEGATIVE = 60, 1
local TOKEN, STALE_VERSION, HOLD, AS_OF, INTENTS, RECENT, TAGS, PACKED = 1, 2, 3, 4, 5, 6, 7, 8
-- Of what is said about a compressed payload.
local PACKED_BYTES = 9
-- The hard expiry of an entry whose value waits in the backlog: it has none, in whatever epoch.
local PENDING = 9007199254740991
-- How long an invalidation is remembered, in ms.
local TOMBSTONE_TTL = 10000
local INTENT_BYTES, NO_INTENTS = 25, {}

local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = math.floor(now_us / 1000)

-- The write intents that stand: { token, till, overlapped } each.
local function standing(packed)
  local intents = {}
  for at = 1, #packed, INTENT_BYTES do
    local token, till, overlapped = struct.unpack('>c16I8B', packed, at)
    if till > now then intents[#intents + 1] = { token = token, till = till, overlapped = overlapped == 1 } end
  end
  return intents
end

-- The record under a key, or nil when there is none of a known format.
local function read(key)
  local raw = redis.call('GET', key)
  if not raw or #raw < HEADER or string.byte(raw, 1) ~= 1 then return nil end
  local _, kind, flags, cost, epoch, version, loaded, soft, hard, since, ext =
    struct.unpack('>BBHI4c8I8I8I8I8I8I4', raw)
  if kind < VALUE or kind > LEASE then return nil end
  local record = {
    raw = raw, kind = kind, cost = cost, epoch = epoch, hold = 0, version = version, loaded = loaded, soft = soft, hard = hard,
    since = since, stale_kind = (flags % 2 == STALE_IS_NEGATIVE) and NEGATIVE or VALUE, stale_version = 0,
    payload = string.sub(raw, HEADER + ext + 1), tags = '', packed = '', ext = ext, intents = NO_INTENTS,
  }
  local at = HEADER + 1
  while at + 5 <= HEADER + ext + 1 do
    local type, length = struct.unpack('>BI4', raw, at)
    if type == TOKEN then record.token = string.sub(raw, at + 5, at + 4 + length) end
    if type == STALE_VERSION then record.stale_version = struct.unpack('>I8', raw, at + 5) end
    if type == HOLD then record.hold = struct.unpack('>I8', raw, at + 5) end
    if type == INTENTS then record.intents = standing(string.sub(raw, at + 5, at + 4 + length)) end
    if type == RECENT then record.recent = string.sub(raw, at + 5, at + 4 + length) end
    if type == TAGS then record.tags = string.sub(raw, at + 5, at + 4 + length) end
    if type == PACKED then
      record.packed, record.since = struct.unpack('>c' .. PACKED_BYTES .. 'I8', raw, at + 5)
      if record.since == 0 then record.kind = VALUE end
    end
    at = at + 5 + length
  end
  return record
end

local function is_entry(record) return record.kind == VALUE or record.kind == NEGATIVE end

-- Whether an epoch is among several that are written one behind the other.
local function is_among(epoch, epochs)
  for at = 1, #epochs, 8 do
    if string.sub(epochs, at, at + 7) == epoch then return true end
  end
  return false
end

-- A hit for a reader to whom entries of these epochs are good enough.
local function is_live(record, epochs)
  return is_entry(record) and record.hard > now and (record.hard == PENDING or is_among(record.epoch, epochs))
end

local function is_held(record) return record and record.hold > now end

local function hold_of(record) return is_held(record) and record.hold or 0 end

-- Up to when the last of some intents stands; 0 = there is none.
local function last_of(intents)
  local last = 0
  for _, intent in ipairs(intents) do last = math.max(last, intent.till) end
  return last
end

-- Up to when nothing that is loaded may be stored: a hold, or an intent; 0 = it may.
local function held_until(record)
  local held = record and math.max(record.hold, last_of(record.intents)) or 0
  return held > now and held or 0
end

local function flag_all(intents)
  for _, intent in ipairs(intents) do intent.overlapped = true end
end

-- What is to go on standing in a record of this epoch. In the memory of another one some may have been forgotten.
local function carried(record, epoch)
  if not record then return NO_INTENTS end
  if record.epoch ~= epoch then flag_all(record.intents) end
  return record.intents
end

local function pack_intents(intents)
  if #intents == 0 then return '' end
  local packed = {}
  for at, intent in ipairs(intents) do
    packed[at] = struct.pack('>c16I8B', intent.token, intent.till, intent.overlapped and 1 or 0)
  end
  return struct.pack('>BI4', INTENTS, #intents * INTENT_BYTES) .. table.concat(packed)
end

-- What may be served stale of a record: { kind, version, loaded, since, payload, tags, packed }, or nil. Times stored in another epoch
-- may be those of another machine, so nothing can be said about how stale its entries are.
local function stale_of(record, epoch)
  if not record or record.epoch ~= epoch then return nil end
  if is_entry(record) then
    return { kind = record.kind, version = record.version, loaded = record.loaded,
             since = math.min(record.hard, now), payload = record.payload, tags = record.tags,
             packed = record.packed }
  end
  if record.since == 0 then return nil end
  return { kind = record.stale_kind, version = record.stale_version, loaded = record.loaded,
           since = record.since, payload = record.payload, tags = record.tags, packed = record.packed }
end

-- max(TIME in µs, old + 1, floor); a floor from a clock that runs ahead counts for at most 60 s.
local function next_version(record, floor)
  return math.max(now_us, record and record.version + 1 or 0, math.min(floor, now_us + 60000000))
end

-- The tags of a payload as an extension; they pass through the scripts as they are.
local function tagged(tags) return tags == '' and '' or struct.pack('>BI4', TAGS, #tags) .. tags end

-- How a payload is compressed, as an extension; since when it is stale: 0 = it is not. It passes through the scripts as it is.
local function hidden(packed, since)
  return packed == '' and '' or struct.pack('>BI4c' .. PACKED_BYTES .. 'I8', PACKED, PACKED_BYTES + 8, packed, since)
end

-- `ttl`: nil = it stays. `packed`: '' = the payload is not compressed. `as_of`: of a copy; nil = it is none.
local function write(key, ttl, epoch, kind, version, cost, loaded, soft, hard, payload, tags, packed, as_of)
  local ext = (as_of and struct.pack('>BI4I8', AS_OF, 8, as_of) or '') .. tagged(tags) .. hidden(packed, 0)
  local record =
    struct.pack('>BBHI4c8I8I8I8I8I8I4', 1, packed == '' and kind or TOMBSTONE, 0, cost, epoch, version, loaded, soft, hard, 0, #ext) .. ext .. payload
  if ttl then redis.call('SET', key, record, 'PX', math.ceil(ttl)) else redis.call('SET', key, record) end
end

-- The record as it is, but for its intents and its hard expiry.
local function write_intents(key, record, hard, intents)
  local ext, at = pack_intents(intents), HEADER + 1
  while at + 5 <= HEADER + record.ext + 1 do
    local type, length = struct.unpack('>BI4', record.raw, at)
    if type ~= INTENTS then ext = ext .. string.sub(record.raw, at, at + 4 + length) end
    at = at + 5 + length
  end
  redis.call('SET', key,
    string.sub(record.raw, 1, 40) .. struct.pack('>I8', hard) .. string.sub(record.raw, 49, 56) .. struct.pack('>I4', #ext) ..
      ext .. record.payload,
    'PX', math.ceil(math.max(redis.call('PTTL', key), last_of(intents) - now, 1)))
end

-- A tombstone or a lease, with what it keeps of the value before it. `hold`: see HOLD; 0 = none.
local function write_marker(key, ttl, epoch, kind, version, hard, token, stale, hold, intents)
  local ext = token and struct.pack('>BI4', TOKEN, #token) .. token or ''
  if stale then ext = ext .. struct.pack('>BI4I8', STALE_VERSION, 8, stale.version) .. tagged(stale.tags) .. hidden(stale.packed, stale.since) end
  if hold > now then ext = ext .. struct.pack('>BI4I8', HOLD, 8, hold) end
  ext = ext .. pack_intents(intents or NO_INTENTS)
  local flags = stale and stale.kind == NEGATIVE and STALE_IS_NEGATIVE or 0
  redis.call('SET', key,
    struct.pack('>BBHI4c8I8I8I8I8I8I4', 1, kind, flags, 0, epoch, version, stale and stale.loaded or 0, 0, hard,
      stale and stale.packed == '' and stale.since or 0, #ext) .. ext .. (stale and stale.payload or ''),
    'PX', math.ceil(ttl))
end

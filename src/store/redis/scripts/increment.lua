-- Adds to a counter: an entry whose payload is the decimal text of a signed 64-bit number. Its time to live stays as it is.
-- KEYS[1] entry, KEYS[2] backlog (only where the origin is to hear of the sum)
--                 ARGV: not from this moment on (server ms), floor, epochs (the current one first), epochs in quarantine, delta,
--                       initial, ttl ms, stale keep ms, request id (8 bytes, '' = none), '1' = create it where it is absent, '0' = only where
--                       the origin is known to have none; with a backlog: most records in it, keyspace, tenant, key
-- → { 'added' | 'repeated', now µs, version, value } | { 'overflow' | 'absent' | 'unsettled' | 'no-counter' | 'full' | 'late', now µs }
local floor, epochs, quarantined, id = tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[9]
local REMEMBERED, MOST, ID = 60000, 512, 28
-- A retransmission that was held up must not count twice.
if now >= tonumber(ARGV[1]) then return { 'late', now_us } end
local old = read(KEYS[1])
-- Whether it counts is known only when all that were alive have told what they changed.
if old and is_entry(old) and old.hard ~= PENDING and is_among(old.epoch, quarantined) then return { 'unsettled', now_us } end
local live = old and is_live(old, epochs)
if not live and ARGV[10] == '0' then return { 'absent', now_us } end
local counts = live and old.kind == VALUE

-- { high, low } is high * 10^9 + low, both of one sign: exact in 64 bits, where a number of Lua has 53.
local function fits(high, low)
  if high > 0 or low > 0 then return high < 9223372036 or high == 9223372036 and low <= 854775807 end
  return high > -9223372036 or high == -9223372036 and low >= -854775808
end

local function halves(text)
  local sign, digits = string.match(text, '^(%-?)0*(%d+)$')
  if not digits or #digits > 19 then return nil end
  local one = sign == '-' and -1 or 1
  -- Adding 0 makes 0 of -0.
  local high = one * (tonumber(string.sub(digits, 1, -10)) or 0) + 0
  local low = one * tonumber(string.sub(digits, -9)) + 0
  if not fits(high, low) then return nil end
  return high, low
end

local function text_of(high, low)
  local sign = (high < 0 or low < 0) and '-' or ''
  if high == 0 then return sign .. string.format('%.0f', math.abs(low)) end
  return sign .. string.format('%.0f%09.0f', math.abs(high), math.abs(low))
end

local high, low = halves(counts and old.payload or ARGV[6])
if not high then return { 'no-counter', now_us } end

-- The ids of late, the oldest first: id (8 bytes), when (8), high (8), low (4).
local recent = counts and old.recent or ''
local first = 1
while first < #recent and struct.unpack('>I8', recent, first + 8) <= now - REMEMBERED do first = first + ID end
recent = string.sub(recent, first)
if id ~= '' then
  local at = string.find(recent, id, 1, true)
  while at and at % ID ~= 1 do at = string.find(recent, id, at + 1, true) end
  if at then
    return { 'repeated', now_us, string.format('%.0f', old.version), text_of(struct.unpack('>i8i4', recent, at + 16)) }
  end
end

local more_high, more_low = halves(ARGV[5])
high, low = high + more_high, low + more_low
if low >= 1000000000 then high, low = high + 1, low - 1000000000 end
if low <= -1000000000 then high, low = high - 1, low + 1000000000 end
if high > 0 and low < 0 then high, low = high - 1, low + 1000000000 end
if high < 0 and low > 0 then high, low = high + 1, low - 1000000000 end
if not fits(high, low) then return { 'overflow', now_us } end

if id ~= '' then
  recent = string.sub(recent, math.max(0, #recent - (MOST - 1) * ID) + 1) .. id .. struct.pack('>I8i8i4', now, high, low)
end
-- The first addition since the origin heard of the sum: one record stands for all that follow.
local pends = KEYS[2] and not (counts and old.hard == PENDING)
if pends and redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[11]) then return { 'full', now_us } end
local ext = recent == '' and '' or struct.pack('>BI4', RECENT, #recent) .. recent
local version = next_version(old, floor)
local hard = KEYS[2] and PENDING or counts and old.hard or now + tonumber(ARGV[7])
local value = text_of(high, low)
local record = struct.pack('>BBHI4c8I8I8I8I8I8I4', 1, VALUE, 0, 0, string.sub(epochs, 1, 8), version, now, 0, hard, 0, #ext) .. ext .. value
if hard == PENDING then redis.call('SET', KEYS[1], record)
elseif counts then redis.call('SET', KEYS[1], record, 'KEEPTTL')
else redis.call('SET', KEYS[1], record, 'PX', math.ceil(hard - now + tonumber(ARGV[8]))) end
if pends then append(KEYS[2], 'n', { ARGV[12], ARGV[13], ARGV[14], KEYS[1] }, version, '') end
return { 'added', now_us, string.format('%.0f', version), value }

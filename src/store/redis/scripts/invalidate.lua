-- Leaves a tombstone with the next version; any lease falls. Intents go on standing, and learn of it.
-- KEYS[1] entry   ARGV: floor, epoch, stale keep ms, hold ms, life (hash; may be elsewhere; '' = the entry is no tag)
-- → { 'invalidated', now µs, version }
local floor, epoch, keep, hold_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local old = read(KEYS[1])
-- It is newer than what the origin has, and must reach it.
if old and old.hard == PENDING then return { 'invalidated', now_us, string.format('%.0f', old.version) } end
local stale = stale_of(old, epoch)
local left = stale and keep - (now - stale.since) or 0
if left <= 0 then stale = nil end
-- A hold is never shortened by a later invalidation that asks for less.
local hold = math.max(hold_ms > 0 and now + hold_ms or 0, hold_of(old))
local intents = carried(old, epoch)
flag_all(intents)
local stands = math.max(TOMBSTONE_TTL, hold - now, last_of(intents) - now)
local version = next_version(old, floor)
write_marker(KEYS[1], math.max(stands, left), epoch, TOMBSTONE, version, now + stands, nil, stale, hold, intents)
if ARGV[5] ~= '' then note_stamp(ARGV[5], KEYS[1], version) end
return { 'invalidated', now_us, string.format('%.0f', version) }

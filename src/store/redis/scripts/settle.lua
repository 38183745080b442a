-- Ends an intent, now that the origin has said what became of its change. What was written is stored if nobody else meant to change the
-- key in the meantime; else, or where nothing is to be stored, a tombstone is left with the next version, as by invalidate.
-- KEYS[1] entry   ARGV: token, floor, epoch, stale keep ms, hold ms, then what is to be stored, if anything: kind, ttl ms, soft ttl ms
--                       (0 = none), stale keep ms, loaded ago ms, cost ms, payload, tags,
--                       how the payload is compressed
-- → { 'stored' | 'dropped', now µs, version }
local token, floor, epoch, keep, hold_ms = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local old = read(KEYS[1])
-- What its origin has not heard of yet is newer, and must reach it.
if old and old.hard == PENDING then return { 'dropped', now_us, string.format('%.0f', old.version) } end
local version = next_version(old, floor)
local own, others = nil, {}
for _, intent in ipairs(carried(old, epoch)) do
  if intent.token == token then own = intent else others[#others + 1] = intent end
end
-- What comes without tags keeps those of the value before it, with all that hangs on them.
if ARGV[6] and own and not own.overlapped and #others == 0 and hold_of(old) == 0 then
  local ttl, soft = tonumber(ARGV[7]), tonumber(ARGV[8])
  write(KEYS[1], ttl + tonumber(ARGV[9]), epoch, tonumber(ARGV[6]), version, tonumber(ARGV[11]), now - tonumber(ARGV[10]),
    soft == 0 and 0 or now + soft, now + ttl, ARGV[12], ARGV[13] == '' and old.tags or ARGV[13], ARGV[14])
  return { 'stored', now_us, string.format('%.0f', version) }
end
flag_all(others)
local stale = stale_of(old, epoch)
local left = stale and keep - (now - stale.since) or 0
if left <= 0 then stale = nil end
local hold = math.max(hold_ms > 0 and now + hold_ms or 0, hold_of(old))
local stands = math.max(TOMBSTONE_TTL, hold - now, last_of(others) - now)
write_marker(KEYS[1], math.max(stands, left), epoch, TOMBSTONE, version, now + stands, nil, stale, hold, others)
return { 'dropped', now_us, string.format('%.0f', version) }

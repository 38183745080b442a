-- Says that the origin is about to be changed under a key: until the intent is settled or has run out, nothing that is loaded is stored.
-- A live value stays readable, up to the end of the first intent that stands; any lease falls.
-- KEYS[1] entry   ARGV: token, ttl ms, epoch
-- → { 'intended', now µs }
local token, ttl, epoch = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local old = read(KEYS[1])
-- What its origin has not heard of yet is not for intents.
if old and old.hard == PENDING then return { 'intended', now_us } end
local intents = {}
for _, intent in ipairs(carried(old, epoch)) do
  if intent.token == token then return { 'intended', now_us } end
  intents[#intents + 1] = intent
end
intents[#intents + 1] = { token = token, till = now + ttl, overlapped = false }
if #intents > 1 then flag_all(intents) end
if old and is_entry(old) and old.hard > now then
  local hard = old.hard
  for _, intent in ipairs(intents) do hard = math.min(hard, intent.till) end
  write_intents(KEYS[1], old, hard, intents)
else
  local stale, hold, last = stale_of(old, epoch), hold_of(old), last_of(intents)
  local keep = math.max(TOMBSTONE_TTL, hold - now, last - now, redis.call('PTTL', KEYS[1]))
  write_marker(KEYS[1], keep, epoch, TOMBSTONE, old and old.version or 0, last, nil, stale, hold, intents)
end
return { 'intended', now_us }

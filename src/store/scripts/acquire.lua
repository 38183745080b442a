-- Takes the lease of a key, unless a value or another's live lease stands there.
-- KEYS[1] entry   ARGV: token, lease ttl ms, epoch
-- → { 'value' | 'busy' | 'granted', now µs, the record found or '', lease ms left }
local token, ttl, epoch = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local old = read(KEYS[1])
if old and is_live(old) then return { 'value', now_us, old.raw, 0 } end
if old and old.kind == LEASE and old.hard > now and old.token ~= token then
  return { 'busy', now_us, old.raw, old.hard - now }
end
local stale = stale_of(old)
-- The record outlives the lease, so that a slow holder that nobody replaced can still fill.
local keep = ttl * 2
if stale then keep = math.max(keep, redis.call('PTTL', KEYS[1])) end
write_marker(KEYS[1], keep, epoch, LEASE, old and old.version or 0, now + ttl, token, stale)
return { 'granted', now_us, old and old.raw or '', ttl }

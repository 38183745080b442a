-- Takes the lease of a key, unless a value or another's live lease stands there.
-- KEYS[1] entry   ARGV: token, lease ttl ms, epochs whose entries are good enough (the current one first), least version
-- → { 'value' | 'busy' | 'granted', now µs, the record found or '', lease ms left, hold ms left }
-- When to ask again, in ms.
local PENDING_BUSY = 100
local token, ttl, epochs, least = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local epoch = string.sub(epochs, 1, 8)
local old = read(KEYS[1])
if old and is_live(old, epochs) and old.version >= least then return { 'value', now_us, old.raw, 0, 0 } end
-- What the origin does not have yet is not loaded anew, also for a reader who wants a later version than there is.
if old and old.hard == PENDING then return { 'busy', now_us, old.raw, PENDING_BUSY, 0 } end
local hold = hold_of(old)
local held = math.max(0, held_until(old) - now)
-- A lease of another epoch is dead: what took it away may have been forgotten with that epoch.
if old and old.kind == LEASE and old.epoch == epoch and old.hard > now and old.token ~= token then
  return { 'busy', now_us, old.raw, old.hard - now, held }
end
local stale = stale_of(old, epoch)
-- The record outlives the lease, so that a slow holder that nobody replaced can still fill.
local keep = math.max(ttl * 2, held)
if stale then keep = math.max(keep, redis.call('PTTL', KEYS[1])) end
write_marker(KEYS[1], keep, epoch, LEASE, old and old.version or 0, now + ttl, token, stale, hold, carried(old, epoch))
return { 'granted', now_us, stale and old.raw or '', ttl, held }

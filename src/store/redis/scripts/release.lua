-- Gives a lease back without a value: a tombstone takes its place, which grants the next lease at once.
-- KEYS[1] entry   ARGV: token, epoch
-- → { 'released' | 'lost', now µs }
local token, epoch = ARGV[1], ARGV[2]
local old = read(KEYS[1])
if not old or old.kind ~= LEASE or old.token ~= token then return { 'lost', now_us } end
local keep = math.max(TOMBSTONE_TTL, held_until(old) - now, redis.call('PTTL', KEYS[1]))
write_marker(KEYS[1], keep, epoch, TOMBSTONE, old.version, now + TOMBSTONE_TTL, nil, stale_of(old, epoch), hold_of(old),
  carried(old, epoch))
return { 'released', now_us }

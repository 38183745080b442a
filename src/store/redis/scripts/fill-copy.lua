-- Stores a copy of what its primary answered after this lease was taken, if that same lease still stands.
-- KEYS[1] copy   ARGV: token, epoch, kind, version, then on this server's clock, in ms: loaded at, soft expiry (0 = none), hard expiry, as_of; payload, tags, how the payload is compressed
-- → { 'filled' | 'lost', now µs }
local token, epoch, hard = ARGV[1], ARGV[2], tonumber(ARGV[7])
local old = read(KEYS[1])
if not old or old.kind ~= LEASE or old.token ~= token or old.epoch ~= epoch then return { 'lost', now_us } end
if hard <= now then
  -- Over before it began: the next one need not wait for the end of this lease.
  redis.call('DEL', KEYS[1])
  return { 'lost', now_us }
end
write(KEYS[1], hard - now, epoch, tonumber(ARGV[3]), tonumber(ARGV[4]), 0, tonumber(ARGV[5]), tonumber(ARGV[6]), hard, ARGV[9], ARGV[10], ARGV[11],
  tonumber(ARGV[8]))
return { 'filled', now_us }

-- Stores what the holder of a lease loaded, if that same lease still stands.
-- KEYS[1] entry   ARGV: token, floor, epoch, kind, ttl ms, soft ttl ms (0 = none), stale keep ms, loaded ago ms, cost ms, payload, tags,
--                       how the payload is compressed
-- → { 'filled', now µs, version } | { 'lost', now µs } | { 'held', now µs, version of the lease }
local token, floor, epoch, kind = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local ttl, soft, keep = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local old = read(KEYS[1])
if not old or old.kind ~= LEASE or old.token ~= token or old.epoch ~= epoch then return { 'lost', now_us } end
if held_until(old) > 0 then return { 'held', now_us, string.format('%.0f', old.version) } end
local version = next_version(old, floor)
write(KEYS[1], ttl + keep, epoch, kind, version, tonumber(ARGV[9]), now - tonumber(ARGV[8]),
  soft == 0 and 0 or now + soft, now + ttl, ARGV[10], ARGV[11], ARGV[12])
return { 'filled', now_us, string.format('%.0f', version) }

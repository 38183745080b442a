-- Stores an entry with the next version, whatever stands there but a hold or an intent. Whose intent that is learns of the attempt.
-- KEYS[1] entry   ARGV: if-version ('' = any, 0 = no live entry), not from this moment on (server ms), floor, epochs (the current one first),
--                       kind, ttl ms, soft ttl ms (0 = none), stale keep ms, loaded ago ms, cost ms, payload, tags,
--                       how the payload is compressed
-- → { 'stored', now µs, version } | { 'version-mismatch', now µs, version of the live entry or 0 } | { 'held', now µs, version that stands }
--   | { 'late', now µs }
local if_version, too_late, floor, epochs, kind = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local ttl, soft, keep = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
-- A retransmission that was held up must not overwrite what came after it.
if now >= too_late then return { 'late', now_us } end
local old = read(KEYS[1])
if if_version ~= '' then
  local live = old and is_live(old, epochs) and old.version or 0
  if live ~= tonumber(if_version) then return { 'version-mismatch', now_us, string.format('%.0f', live) } end
end
if held_until(old) > 0 then
  if #old.intents > 0 then
    flag_all(old.intents)
    write_intents(KEYS[1], old, old.hard, old.intents)
  end
  return { 'held', now_us, string.format('%.0f', old.version) }
end
local version = next_version(old, floor)
write(KEYS[1], ttl + keep, string.sub(epochs, 1, 8), kind, version, tonumber(ARGV[10]), now - tonumber(ARGV[9]),
  soft == 0 and 0 or now + soft, now + ttl, ARGV[11], ARGV[12], ARGV[13])
return { 'stored', now_us, string.format('%.0f', version) }

-- Has the record of a tag stand without changing its stamp: a value whose version is the stamp, and whose payload is the epoch.
-- KEYS[1] tag   ARGV: life (hash; may be elsewhere), epoch, least stamp that counts, ttl ms
-- → { 'kept' | 'held' | 'unknown', now µs, stamp }
-- A record that is missing may have been lost together with what it knew. What it can have known the life tells: no tag was
-- stamped in this epoch before that began, and each stamp is noted there under the part of all tags to which its tag belongs.
local epoch, least, ttl = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local facts = life_facts(ARGV[1], KEYS[1])
if not facts or facts.epoch ~= epoch then return { 'unknown', now_us, string.format('%.0f', now_us) } end
local old = read(KEYS[1])
if is_held(old) then return { 'held', now_us, string.format('%.0f', old.hold * 1000) } end
local stamp
if old and old.epoch == epoch and old.version >= least then
  stamp = math.max(old.version, old.hold * 1000)
else
  stamp = math.max(math.min(facts.since * 1000 + 999, now_us), facts.stamp, least)
end
if not old or old.epoch ~= epoch or old.kind ~= VALUE or old.version ~= stamp or old.hard - now < ttl / 2 then
  write(KEYS[1], ttl, epoch, VALUE, stamp, 0, now, 0, now + ttl, epoch, '', '')
end
return { 'kept', now_us, string.format('%.0f', stamp) }

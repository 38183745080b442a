-- Removes what is cached under a name, unless something hangs on its record: a value that its origin does not have yet, an intent, a hold.
-- A lease falls with it, so that what was being loaded is not stored.
-- KEYS[1] entry, or copy
-- → { 'removed' | 'kept' | 'absent', now µs }
local old = read(KEYS[1])
if not old then return { 'absent', now_us } end
if old.hard == PENDING or held_until(old) > 0 then return { 'kept', now_us } end
if old.version < now_us then
  redis.call('UNLINK', KEYS[1])
else
  -- The next version is to be larger, also where this one runs ahead of the clock.
  local ttl = math.ceil((old.version - now_us) / 1000) + 1
  write_marker(KEYS[1], ttl, old.epoch, TOMBSTONE, old.version, now + ttl, nil, nil, 0)
end
return { 'removed', now_us }

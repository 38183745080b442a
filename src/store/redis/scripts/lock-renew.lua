-- Makes a lock stand longer for whoever holds it.
-- KEYS[1] record
-- ARGV: token, ttl ms, epoch, least fencing token that counts, fencing token of a holding that cannot have ended yet (0 = it may have), id of its request
-- → { 'renewed' | 'lost', now µs, fencing token }
local token, ttl, epoch, least, sure = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local lock = read_lock(KEYS[1])
local known = is_known(lock, epoch, least)
if not known and sure > 0 and (not lock or lock.fencing <= sure) then
  lock = { fencing = sure, answers = 1, token = token, id = ARGV[6] }
elseif not (known and lock.token == token and lock.expiry > now) then
  return { 'lost', now_us, '0' }
end
lock.epoch, lock.expiry = epoch, now + ttl
write_lock(KEYS[1], lock)
return { 'renewed', now_us, string.format('%.0f', lock.fencing) }

-- Gives a lock back if it is held with this token, and a place in the line if there is one.
-- KEYS: record, line, seen, as in lock-acquire.lua
-- ARGV: token, id of a request that waits no longer ('' = none), how often the lock was granted, only if it has been granted no more often while it stands ('' = however often),
--       epoch, least fencing token that counts, fencing token of a holding that cannot have ended yet (0 = it may have)
-- → { 'released' | 'fallen', now µs }
local key, line, seen = KEYS[1], KEYS[2], KEYS[3]
local token, id, answers, epoch, least, sure = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local left = 0
if id ~= '' then
  left = redis.call('ZREM', line, id)
  redis.call('ZREM', seen, id)
end
local lock = read_lock(key)
local is_sure = sure > 0 and lock and lock.fencing <= sure
if is_known(lock, epoch, least) or is_sure then
  local stands = lock.expiry > now
  if lock.token == token and (not stands or answers == '' or lock.answers == tonumber(answers)) then
    -- That it is free is known from now on, whatever came before.
    lock.epoch, lock.fencing, lock.expiry = epoch, math.max(lock.fencing, least), 0
    write_lock(key, lock)
    return { stands and 'released' or 'fallen', now_us }
  end
  -- Those behind it hear of a change of the record, not of one of the line.
  if left == 1 and not stands then write_lock(key, lock) end
end
return { 'fallen', now_us }

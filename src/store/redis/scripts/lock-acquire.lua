-- Takes a lock if it is free and nobody was there before, or else a place in the line for it.
-- KEYS: record, line (sorted set, id → when it came, µs), seen (sorted set, id → until when it counts, ms)
-- ARGV: id of the request, token, ttl ms, for how many ms more it will wait (0 = it takes no place), epoch, floor, least fencing token that counts,
--       ms until a lock of which nothing is known counts as free, ms for which anybody can hold one at most,
--       ms of the clock from which on nobody waits for the answer
-- → { 'granted', now µs, token, fencing token, how often it was granted } | { 'busy', now µs, ms until it is free as far as is known, place in the line or -1 } | { 'late', now µs }
local key, line, seen = KEYS[1], KEYS[2], KEYS[3]
local id, token, ttl, wait, epoch = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local floor, least, opens, most = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

if now >= tonumber(ARGV[10]) then return { 'late', now_us } end

local function leave()
  redis.call('ZREM', line, id)
  redis.call('ZREM', seen, id)
end

local function granted(lock)
  leave()
  write_lock(key, lock)
  return { 'granted', now_us, lock.token, string.format('%.0f', lock.fencing), lock.answers }
end

local lock = read_lock(key)
local known = is_known(lock, epoch, least)
if known and lock.id == id and lock.expiry > now then
  lock.expiry, lock.answers = math.max(lock.expiry, now + ttl), lock.answers + 1
  return granted(lock)
end

for _, silent in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do redis.call('ZREM', line, silent) end
redis.call('ZREMRANGEBYSCORE', seen, '-inf', now)
local free_at
if known then free_at = lock.expiry else free_at = math.max(now + opens, lock and math.min(lock.expiry, now + most) or 0) end
local first = redis.call('ZRANGE', line, 0, 0)[1]
if free_at <= now and (not first or first == id) then
  -- A floor is what was granted elsewhere: it is not bounded by this clock, as versions are.
  local fencing = math.max(now_us, lock and lock.fencing + 1 or 0, floor)
  return granted({ epoch = epoch, fencing = fencing, expiry = now + ttl, answers = 1, token = token, id = id })
end

local place = -1
if wait > 0 then
  redis.call('ZADD', line, 'NX', string.format('%.0f', now_us), id)
  redis.call('ZADD', seen, now + math.min(wait, SILENT), id)
  redis.call('PEXPIRE', line, 2 * SILENT)
  redis.call('PEXPIRE', seen, 2 * SILENT)
  place = redis.call('ZRANK', line, id)
else
  leave()
end
return { 'busy', now_us, math.max(0, free_at - now), place }

-- Shared by the scripts of locks: the record of a lock. ../../memory/fenced-locks.ts says the same, and why.
-- format 1, epoch, fencing token, until when it is held (ms; 0 = it is free), how often it was granted to this holder, the holder's token, id of its request
local LOCK_FORMAT, LOCK_SHAPE, LOCK_BYTES = 1, '>Bc8I8I8I4c16c16', 61
-- A waiter that has been silent for so long, in ms, has lost its place.
local SILENT = 2000
-- For so long, in ms, a lock that is free is remembered, so that its tokens go on growing.
local KEPT = 3600000

local function read_lock(key)
  local raw = redis.call('GET', key)
  if not raw or #raw ~= LOCK_BYTES or string.byte(raw) ~= LOCK_FORMAT then return nil end
  local _, epoch, fencing, expiry, answers, token, id = struct.unpack(LOCK_SHAPE, raw)
  return { epoch = epoch, fencing = fencing, expiry = expiry, answers = answers, token = token, id = id }
end

-- One that is held must not be evicted: it has no TTL.
local function write_lock(key, lock)
  local raw = struct.pack(LOCK_SHAPE, LOCK_FORMAT, lock.epoch, lock.fencing, lock.expiry, lock.answers, lock.token, lock.id)
  if lock.expiry > now then redis.call('SET', key, raw) else redis.call('SET', key, raw, 'PX', KEPT) end
end

-- What was written in another epoch, or under another ring, may lack what came after it.
local function is_known(lock, epoch, least) return lock and lock.epoch == epoch and lock.fencing >= least end

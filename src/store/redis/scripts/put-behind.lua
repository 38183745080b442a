-- Stores an entry with the next version, and appends the change to the backlog.
-- KEYS[1] entry, KEYS[2] backlog   ARGV: not from this moment on (server ms), floor, epoch, most records in the backlog, kind, keyspace,
--                                        tenant, key, payload
-- → { 'stored', now µs, version } | { 'full' | 'late', now µs }
if now >= tonumber(ARGV[1]) then return { 'late', now_us } end
if redis.call('XLEN', KEYS[2]) >= tonumber(ARGV[4]) then return { 'full', now_us } end
local kind = tonumber(ARGV[5])
local version = next_version(read(KEYS[1]), tonumber(ARGV[2]))
write(KEYS[1], nil, ARGV[3], kind, version, 0, now, 0, PENDING, ARGV[9], '', '')
append(KEYS[2], kind == VALUE and 'v' or 'd', { ARGV[6], ARGV[7], ARGV[8], KEYS[1] }, version, ARGV[9])
return { 'stored', now_us, string.format('%.0f', version) }

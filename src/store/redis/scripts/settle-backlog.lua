-- Takes records of one key out of the backlog, now that the origin has a version of it or has refused it for good.
-- KEYS[1] entry, KEYS[2] backlog   ARGV: 'stored' | 'refused', version, floor, epochs (the current one first), ttl ms, soft ttl ms (0 = none),
--                                        stale keep ms, keyspace, tenant, key, how the value is compressed that is to take the place of
--                                        the one that waited ('' = it stays), that value, ids of the records
-- → { 'settled' | 'pending', now µs }: pending where a later version waits
local version, floor, epochs = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local ttl, soft, keep = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local subject = { ARGV[8], ARGV[9], ARGV[10], KEYS[1] }
local sums = 0
for at = 13, #ARGV do
  local record = redis.call('XRANGE', KEYS[2], ARGV[at], ARGV[at])[1]
  if record and record[2][10] == 'n' then sums = sums + 1 end
  redis.call('XDEL', KEYS[2], ARGV[at])
end
local old = read(KEYS[1])
if not old then return { 'settled', now_us } end
if old.hard == PENDING then
  if old.version ~= version then
    -- Of a sum there is one record, whatever was added since.
    if sums > 0 then append(KEYS[2], 'n', subject, old.version, '') end
    return { 'pending', now_us }
  end
  if ARGV[1] == 'stored' and is_among(old.epoch, epochs) then
    local hard = now + ttl
    local packed = ARGV[11]
    local ext = (old.recent and struct.pack('>BI4', RECENT, #old.recent) .. old.recent or '') .. hidden(packed, 0)
    redis.call('SET', KEYS[1],
      struct.pack('>BBHI4c8I8I8I8I8I8I4', 1, packed == '' and old.kind or TOMBSTONE, 0, 0, old.epoch, old.version, old.loaded,
        soft == 0 and 0 or now + soft, hard, 0, #ext) .. ext .. (packed == '' and old.payload or ARGV[12]),
      'PX', math.ceil(ttl + keep))
    return { 'settled', now_us }
  end
elseif old.version == version and is_entry(old) then return { 'settled', now_us } end
-- What stands here may have been loaded before the origin had the change, or is what it refused.
write_marker(KEYS[1], TOMBSTONE_TTL, string.sub(epochs, 1, 8), TOMBSTONE, next_version(old, floor), now + TOMBSTONE_TTL, nil, nil,
  is_held(old) and old.hold or 0)
return { 'settled', now_us }

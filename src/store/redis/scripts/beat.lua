-- A heartbeat: tells this shard's epoch, moves its stamp on, and keeps who is alive, what each of them has to say, and which rings were in use.
-- KEYS: life (hash), beats (sorted set, member → last stamp), seen (sorted set, member → last ms), quarantine (sorted set, member → 1 = has
--       still to replay, 0 = has), stamp (epoch and stamp, for replicas), notices (hash, member → `version of the member list that first had it:text`), probe (may be missing)
-- ARGV: member ('' = none), epoch that begins if one has to, `epoch:version` of the member list that is known, epoch for which the member has
--       replayed ('' = none), 1 = what it forgot is more than it can replay, 1 = it leaves, largest version it has seen, epoch that ends with all it
--       knows if it is the present one ('' = none), its notice ('' = none), number (0 = only if there is none yet) and text of the ring that it reads by ('' = none), versions of keyspaces that it knows,
--       members it knows to have been alive …
-- → { 'beat', now µs, stamp, epoch, accepted epochs, quarantined epochs, the last of these, its stamp, lowest stamp of another member or -1,
--     1 = the member is new, version of the member list, members if that differs from the known one, largest version that anybody has seen,
--     members and their notices that have changed since the known list, rings in use if the list differs: lines of number, first version, text,
--     age of the epoch in ms, -1 if this memory knows of none before it,
--     versions of keyspaces if the list differs: lines of name, announced version, version in force }
local QUARANTINE, FORGOTTEN, MOST_EPOCHS = 10000, 15000, 8
-- How many rings are remembered; how far above all that is known to have been stored the versions of a new one begin, in µs.
local MOST_RINGS, AHEAD = 4, 1000000
local life, beats, seen, quarantine, notices, probe = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[6], KEYS[7] or ''
local member, candidate, known, replayed, forgot, leaves = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local floor, ends, notice, ring_number, ring, said = tonumber(ARGV[7]), ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11], ARGV[12]

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local facts = redis.call('HMGET', life, 'run', 'epoch', 'stamp', 'accepted', 'past', 'past_epoch', 'past_stamp', 'since', 'list', 'floor', 'rings', 'versions')
floor = math.max(floor, tonumber(facts[10] or '0'))
local epoch, stamp, accepted, past = facts[2] or '', tonumber(facts[3] or '0'), facts[4] or '', facts[5] or ''
local past_epoch, past_stamp, since, list = facts[6] or '', facts[7] or '0', tonumber(facts[8] or '0'), tonumber(facts[9] or '0')
local rings, versions = facts[11] or '', facts[12] or ''

if facts[1] ~= run or epoch == '' or ends == epoch then
  redis.call('DEL', quarantine)
  past = ''
  -- What was quarantined before is given up: only the memory that was current last has a stamp that everybody knows.
  local alive = redis.call('ZRANGE', beats, 0, -1)
  if epoch ~= '' and ends ~= epoch and #alive > 0 then
    for _, id in ipairs(alive) do redis.call('ZADD', quarantine, 1, id) end
    past, past_epoch, past_stamp = string.sub(epoch .. accepted, 1, MOST_EPOCHS * 8), epoch, tostring(stamp)
  end
  -- 0: nothing came before it.
  epoch, accepted, since = candidate, '', epoch == '' and 0 or now
end

stamp = stamp + 1
local joined = 0
if member ~= '' then
  if leaves == '1' then
    if redis.call('ZREM', beats, member) == 1 then list = list + 1 end
    redis.call('ZREM', seen, member)
    redis.call('HDEL', notices, member)
  else
    joined = redis.call('ZADD', beats, stamp, member)
    list = list + joined
    redis.call('ZADD', seen, now, member)
    local said = redis.call('HGET', notices, member)
    -- One that comes back says it anew, since it was forgotten with it.
    if joined == 1 or string.match(said or ':', ':(.*)') ~= notice then
      list = list + 1
      redis.call('HSET', notices, member, string.format('%.0f:', list) .. notice)
    end
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - FORGOTTEN)) do
    redis.call('ZREM', seen, id)
    redis.call('ZREM', beats, id)
    redis.call('HDEL', notices, id)
    list = list + 1
  end
end

if ring ~= '' then
  local last, last_ring = string.match(rings, '(%d+) %d+ ([^\n]*)\n$')
  last = tonumber(last or '0')
  if rings == '' or ring_number > last or ring_number == last and ring > last_ring then
    local first = ring_number == 0 and 0 or math.max(now_us, floor) + AHEAD
    ring_number = math.max(1, ring_number)
    rings = rings .. string.format('%.0f %.0f ', ring_number, first) .. ring .. '\n'
    while select(2, string.gsub(rings, '\n', '')) > MOST_RINGS do rings = string.match(rings, '\n(.*)') end
    list = list + 1
  end
end

if said ~= '' and said ~= versions then
  local names, larger = {}, {}
  for name, announced, in_force in string.gmatch(versions .. said, '(%S+) (%d+) (%d+)\n') do
    if not larger[name] then
      table.insert(names, name)
      larger[name] = { 0, 0 }
    end
    larger[name] = { math.max(larger[name][1], tonumber(announced)), math.max(larger[name][2], tonumber(in_force)) }
  end
  table.sort(names)
  local lines = {}
  for _, name in ipairs(names) do table.insert(lines, string.format('%s %.0f %.0f\n', name, larger[name][1], larger[name][2])) end
  local merged = table.concat(lines)
  if merged ~= versions then
    versions = merged
    list = list + 1
  end
end

if past ~= '' then
  if replayed == epoch then
    for at = 13, #ARGV do redis.call('ZADD', quarantine, 'NX', 1, ARGV[at]) end
    redis.call('ZADD', quarantine, 0, member)
    if forgot == '1' then
      past = ''
    elseif redis.call('ZCOUNT', quarantine, 1, 1) == 0 then
      accepted, past = past, ''
    end
  end
  if now - since > QUARANTINE then past = '' end
  if past == '' then redis.call('DEL', quarantine) end
end

redis.call('HSET', life, 'run', run, 'epoch', epoch, 'stamp', string.format('%.0f', stamp), 'accepted', accepted, 'past', past,
  'past_epoch', past_epoch, 'past_stamp', past_stamp, 'since', string.format('%.0f', since), 'list', string.format('%.0f', list), 'floor', string.format('%.0f', floor),
  'rings', rings, 'versions', versions)
redis.call('SET', KEYS[5], epoch .. struct.pack('>I8', stamp))
if probe ~= '' then redis.call('SET', probe, '', 'PX', 1000) end

local oldest = -1
for at, value in ipairs(redis.call('ZRANGE', beats, 0, 1, 'WITHSCORES')) do
  if at % 2 == 1 and value ~= member and oldest < 0 then oldest = tonumber(redis.call('ZSCORE', beats, value)) end
end
local members, told = {}, {}
if epoch .. ':' .. list ~= known then
  members = redis.call('ZRANGE', beats, 0, -1)
  local from = string.sub(known, 1, 8) == epoch and tonumber(string.sub(known, 10)) or -1
  local all = member == '' and {} or redis.call('HGETALL', notices)
  for at = 1, #all, 2 do
    local version, text = string.match(all[at + 1], '^(%d+):(.*)$')
    -- A sidecar of an older release forgets a member without its notice.
    if not redis.call('ZSCORE', beats, all[at]) then
      redis.call('HDEL', notices, all[at])
    elseif all[at] ~= member and tonumber(version) > from then
      table.insert(told, all[at])
      table.insert(told, text)
    end
  end
else
  rings, versions = '', ''
end
return { 'beat', now_us, stamp, epoch, accepted, past, past_epoch, tonumber(past_stamp), oldest, joined, list, members, string.format('%.0f', floor), told, rings, since == 0 and -1 or now - since,
  versions }

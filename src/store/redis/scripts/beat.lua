-- A heartbeat: tells this shard's epoch, moves its stamp on, and keeps the list of who is alive.
-- KEYS: life (hash), beats (sorted set, member → last stamp), seen (sorted set, member → last ms), quarantine (sorted set, member → 1 = has
--       still to replay, 0 = has), stamp (epoch and stamp, for replicas), probe (may be missing)
-- ARGV: member ('' = none), epoch that begins if one has to, `epoch:version` of the member list that is known, epoch for which the member has
--       replayed ('' = none), 1 = what it forgot is more than it can replay, 1 = it leaves, largest version it has seen, epoch that ends with all it
--       knows if it is the present one ('' = none), members it knows to have been alive …
-- → { 'beat', now µs, stamp, epoch, accepted epochs, quarantined epochs, the last of these, its stamp, lowest stamp of another member or -1,
--     1 = the member is new, version of the member list, members if that differs from the known one, largest version that anybody has seen }
local QUARANTINE, FORGOTTEN, MOST_EPOCHS = 10000, 15000, 8
local life, beats, seen, quarantine, probe = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[6] or ''
local member, candidate, known, replayed, forgot, leaves = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local floor, ends = tonumber(ARGV[7]), ARGV[8]

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local facts = redis.call('HMGET', life, 'run', 'epoch', 'stamp', 'accepted', 'past', 'past_epoch', 'past_stamp', 'since', 'list', 'floor')
floor = math.max(floor, tonumber(facts[10] or '0'))
local epoch, stamp, accepted, past = facts[2] or '', tonumber(facts[3] or '0'), facts[4] or '', facts[5] or ''
local past_epoch, past_stamp, since, list = facts[6] or '', facts[7] or '0', tonumber(facts[8] or '0'), tonumber(facts[9] or '0')

if facts[1] ~= run or epoch == '' or ends == epoch then
  redis.call('DEL', quarantine)
  past = ''
  -- What was quarantined before is given up: only the memory that was current last has a stamp that everybody knows.
  local alive = redis.call('ZRANGE', beats, 0, -1)
  if epoch ~= '' and ends ~= epoch and #alive > 0 then
    for _, id in ipairs(alive) do redis.call('ZADD', quarantine, 1, id) end
    past, past_epoch, past_stamp = string.sub(epoch .. accepted, 1, MOST_EPOCHS * 8), epoch, tostring(stamp)
  end
  epoch, accepted, since = candidate, '', now
end

stamp = stamp + 1
local joined = 0
if member ~= '' then
  if leaves == '1' then
    if redis.call('ZREM', beats, member) == 1 then list = list + 1 end
    redis.call('ZREM', seen, member)
  else
    joined = redis.call('ZADD', beats, stamp, member)
    list = list + joined
    redis.call('ZADD', seen, now, member)
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - FORGOTTEN)) do
    redis.call('ZREM', seen, id)
    redis.call('ZREM', beats, id)
    list = list + 1
  end
end

if past ~= '' then
  if replayed == epoch then
    for at = 9, #ARGV do redis.call('ZADD', quarantine, 'NX', 1, ARGV[at]) end
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
  'past_epoch', past_epoch, 'past_stamp', past_stamp, 'since', string.format('%.0f', since), 'list', string.format('%.0f', list), 'floor', string.format('%.0f', floor))
redis.call('SET', KEYS[5], epoch .. struct.pack('>I8', stamp))
if probe ~= '' then redis.call('SET', probe, '', 'PX', 1000) end

local oldest = -1
for at, value in ipairs(redis.call('ZRANGE', beats, 0, 1, 'WITHSCORES')) do
  if at % 2 == 1 and value ~= member and oldest < 0 then oldest = tonumber(redis.call('ZSCORE', beats, value)) end
end
local members = epoch .. ':' .. list == known and {} or redis.call('ZRANGE', beats, 0, -1)
return { 'beat', now_us, stamp, epoch, accepted, past, past_epoch, tonumber(past_stamp), oldest, joined, list, members, string.format('%.0f', floor) }

-- Finds where on a node of a cluster the control keys of its life are.
-- KEYS none (it looks only at the node's own)   ARGV: what stands before the tag of a control key, tags in the order of their rank …
-- → { 'own' | 'former' | 'none', tag }: the first life of this very process; else the one that was heard last, of a process whose memory
--   this one may have taken over; else the first tag whose slot is here, '' if none is
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local free, former, former_at = '', '', -1
for at = 2, #ARGV do
  local head = ARGV[1] .. '{' .. ARGV[at] .. '}'
  -- An error says that the slot, or what was in it, is not here any more.
  local facts = redis.pcall('HMGET', head .. 'life', 'run', 'epoch')
  if not facts.err then
    if free == '' then free = ARGV[at] end
    if facts[1] == run then return { 'own', ARGV[at] } end
    if facts[1] then
      local seen = redis.pcall('ZREVRANGE', head .. 'seen', 0, 0, 'WITHSCORES')
      local seen_at = seen.err and -1 or tonumber(seen[2] or '0')
      if seen_at > former_at then former, former_at = ARGV[at], seen_at end
    end
  end
end
if former ~= '' then return { 'former', former } end
return { 'none', free }

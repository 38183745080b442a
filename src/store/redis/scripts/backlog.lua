-- Shared by the scripts of write-behind: an entry whose value waits in the backlog is pending. It has no time to live, and nothing
-- but a later write takes its place, since the origin does not have it yet.
-- A record of the backlog: s keyspace, t tenant, k key, p name of the entry, c what it is (v value, d deleted, n sum), v version, b value.
local function append(backlog, change, subject, version, value)
  redis.call('XADD', backlog, '*', 's', subject[1], 't', subject[2], 'k', subject[3], 'p', subject[4], 'c', change,
    'v', string.format('%.0f', version), 'b', value)
end

-- Hands out a number once, larger than all before it and than the one given.
-- KEYS: the counter
-- ARGV: a number that is taken
-- → { 'version', now µs, the number }
local taken = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1]))
local version = string.format('%.0f', taken + 1)
redis.call('SET', KEYS[1], version)
return { 'version', now_us, version }

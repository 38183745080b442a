-- Leaves a tombstone with the next version; any lease falls.
-- KEYS[1] entry   ARGV: floor, epoch, stale keep ms
-- → { 'invalidated', now µs, version }
local floor, epoch, keep = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local old = read(KEYS[1])
local stale = stale_of(old)
local left = stale and keep - (now - stale.since) or 0
if left <= 0 then stale = nil end
local version = next_version(old, floor)
write_marker(KEYS[1], math.max(TOMBSTONE_TTL, left), epoch, TOMBSTONE, version, now + TOMBSTONE_TTL, nil, stale)
return { 'invalidated', now_us, string.format('%.0f', version) }

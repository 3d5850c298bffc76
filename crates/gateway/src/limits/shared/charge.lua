-- Charges one message against all of its counters, or against none. KEYS are the counters; ARGV has for each its manner,
-- the microseconds of a unit of time, the units of the rate's time, the messages in it, and the burst.
-- Answers {0}, or {index, wait} where one refuses: its number from 1, and the microseconds until it would not.
-- The arithmetic is that of crates/decide/src/rate.rs; no number exceeds 2^53, so that none is rounded.
local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function divide_up(a, b)
  local whole = math.floor(a / b)
  while whole * b < a do whole = whole + 1 end
  while whole > 0 and (whole - 1) * b >= a do whole = whole - 1 end
  return whole
end

local function divide_down(a, b)
  local whole = math.floor(a / b)
  while whole * b > a do whole = whole - 1 end
  while (whole + 1) * b <= a do whole = whole + 1 end
  return whole
end

local function bucket(kept, now, back, per, count, burst)
  local level, at = kept[1], kept[2]
  if at - now > back then at = now end
  local passed = math.max(0, now - at)
  level = math.max(0, level - passed * count) + per
  local room = burst * per
  if level > room then return nil, divide_up(level - room, count) end
  at = math.max(at, now)
  return {level, at, 0}, at + divide_up(level, count) + 1
end

local function windows(kept, now, back, per)
  local here = divide_down(now, per)
  local current, previous, window = kept[1], kept[2], kept[3]
  if here == window then return current, previous, window end
  if here == window + 1 then return 0, current, here end
  if here > window then return 0, 0, here end
  if window * per - now <= back then return current, previous, window end
  return current, previous, here
end

local function fixed(kept, now, back, per, count)
  local current, _, window = windows(kept, now, back, per)
  if current >= count then return nil, math.max(1, (window + 1) * per - now) end
  return {current + 1, 0, window}, (window + 1) * per
end

local function sliding(kept, now, back, per, count)
  local current, previous, window = windows(kept, now, back, per)
  local left = math.min(per, math.max(1, (window + 1) * per - now))
  if current < count then
    local room = (count - current - 1) * per
    if previous * left <= room then
      return {current + 1, previous, window}, (window + 2) * per
    end
    return nil, left - divide_down(room, math.max(1, previous))
  end
  local room = (count - 1) * per
  return nil, left + math.max(0, per - divide_down(room, math.max(1, current)))
end

local manners = {bucket = bucket, fixed = fixed, sliding = sliding}
local counts, refused, longest = {}, 0, -1
for index, key in ipairs(KEYS) do
  local at = (index - 1) * 5
  local unit, per = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local count, burst = tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local kept = {0, 0, 0}
  local written = redis.call('GET', key)
  if written then
    local first, second, third = string.match(written, '^(%d+) (%d+) (%d+)$')
    if not first then return redis.error_reply('a counter of a limit holds something else') end
    kept = {tonumber(first), tonumber(second), tonumber(third)}
  end
  local now, back = divide_down(clock, unit), math.floor(1000000 / unit)
  local next, extra = manners[ARGV[at + 1]](kept, now, back, per, count, burst)
  if next then
    counts[index] = {next, extra * unit}
  elseif extra * unit > longest then
    refused, longest = index, extra * unit
  end
end
if refused > 0 then return {refused, longest} end
for index, key in ipairs(KEYS) do
  local next, forgettable = counts[index][1], counts[index][2]
  local lives = math.max(1, divide_up(math.max(0, forgettable - clock), 1000))
  redis.call('SET', key, string.format('%.0f %.0f %.0f', next[1], next[2], next[3]), 'PX', string.format('%.0f', lives))
end
return {0, 0}

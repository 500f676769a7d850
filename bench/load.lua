-- Full load on 1,000 motors, each message with a unique id; prints one line of JSON at the end.
--
--     wrk -t1 -c32 -d6s -s load.lua http://127.0.0.1:PORT -- KIND RUN
--
-- KIND is "batch" (BatchPutMessage of ten), "single" (of one), "plain" (the message itself) or "restate" (to a virtual
-- object); RUN is the prefix of each messageId.

local MOTORS = 1000
local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
local motors, texts, payloads = {}, {}, {}
local kind, run
local number = 0

local function base64(text)
  local out = {}
  for at = 1, #text, 3 do
    local a, b, c = text:byte(at, at + 2)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    for place = 0, 3 do
      local index = math.floor(bits / 64 ^ (3 - place)) % 64 + 1
      out[#out + 1] = (place == 2 and not b or place == 3 and not c) and '=' or ALPHABET:sub(index, index)
    end
  end
  return table.concat(out)
end

function init(args)
  kind, run = args[1], args[2]
  for n = 0, MOTORS - 1 do
    motors[n] = 'motor-' .. n * 7919 % MOTORS
    texts[n] = string.format(
      '{"motorid":"%s","sensorData":{"pressure":%d,"temperature":39.5}}', motors[n], 40 + n % 50)
    payloads[n] = base64(texts[n])
  end
end

local function message()
  local n = number
  number = number + 1
  return string.format(
    '{"messageId":"%s-%d","inputName":"PressureInput","payload":"%s"}', run, n, payloads[n % MOTORS])
end

local HEADERS = { ['Content-Type'] = 'application/json' }

function request()
  if kind == 'plain' or kind == 'restate' then
    local n = number % MOTORS
    number = number + 1
    local path = kind == 'plain' and '/message' or '/motor/' .. motors[n] .. '/message'
    return wrk.format('POST', path, HEADERS, texts[n])
  end
  local messages = { message() }
  if kind == 'batch' then for m = 2, 10 do messages[m] = message() end end
  return wrk.format('POST', '/inputs/messages', HEADERS, '{"messages":[' .. table.concat(messages, ',') .. ']}')
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"failed":%d,"p50":%.3f,"p99":%.3f,"p999":%.3f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000))
end

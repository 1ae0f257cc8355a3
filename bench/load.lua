-- What wrk sends: the requests of a file in turn, and for bookings a free time in each. What it found out, as one line of JSON.
--
-- A line of the file: token, minutes that a booking lasts (0: none), body. Arguments: the file, the first booking's
-- time in seconds since 1970, and how many bookings were made before.

local prepared, lines, first, sender = {}, {}, 0, nil
sent = 0 -- not local, so that done() can be told

local function formatted(token, body)
  return wrk.format("POST", nil, {["authorization"] = "Bearer " .. token, ["content-type"] = "application/json"}, body)
end

function setup(thread)
  sender = thread -- there is one: wrk -t1
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local token, minutes, body = line:match("^(%S+)\t(%d+)\t(.*)$")
    if minutes == "0" then
      prepared[#prepared + 1] = formatted(token, body)
    else
      lines[#lines + 1] = {token = token, seconds = tonumber(minutes) * 60, body = body}
    end
  end
  first, sent = tonumber(arguments[2]), tonumber(arguments[3])
end

function request()
  sent = sent + 1
  if #prepared > 0 then
    return prepared[(sent - 1) % #prepared + 1]
  end
  local line = lines[(sent - 1) % #lines + 1]
  local start = first + math.floor((sent - 1) / #lines) * 3600
  local times = {
    START = os.date("!%Y-%m-%dT%H:%M:%SZ", start),
    END = os.date("!%Y-%m-%dT%H:%M:%SZ", start + line.seconds),
  }
  return formatted(line.token, (line.body:gsub("@(%u+)@", times)))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "errors": %d, "p50_ms": %.3f, "p90_ms": %.3f, "p99_ms": %.3f, "sent": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, sender:get("sent")))
end

-- One wrk script for every route: who asks, what is asked, and the figures as one line of JSON.
-- Environment: TOKENS (file, one a line), METHOD, BODY (`%d` becomes a random phone number).
local tokens = {}
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end
local method, body = os.getenv("METHOD") or "GET", os.getenv("BODY")
local seeds = 0

function setup(thread)
  seeds = seeds + 1
  thread:set("seed", seeds)
end

function init(args)
  math.randomseed(os.time() + seed)
end

function request()
  local headers = {["Authorization"] = "Bearer " .. tokens[math.random(#tokens)],
                   ["Content-Type"] = "application/x-www-form-urlencoded"}
  local sent = body and body:gsub("%%d", tostring(9800000000 + math.random(99999999)))
  return wrk.format(method, nil, headers, sent)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{"rate": %.1f, "p50": %.2f, "p99": %.2f, "errors": %d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end

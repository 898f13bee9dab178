-- Makes one request again and again: METHOD PREFIX CONCERT, and headers as NAME VALUE pairs, after `--`.
-- A GET is the same bytes each time. A POST joins the line as another visitor each time: PREFIX and a number; CONCERT is `-` for
-- the site room. One thread only, since each would count for itself.
local count = 0

function init(args)
    wrk.method = args[1]
    local prefix, concert = args[2], args[3]
    for at = 4, #args, 2 do
        wrk.headers[args[at]] = args[at + 1]
    end
    if wrk.method == "POST" then
        wrk.headers["Content-Type"] = "application/json"
        local rest = concert == "-" and "\"}" or "\",\"concertId\":" .. concert .. "}"
        request = function()
            count = count + 1
            return wrk.format(nil, nil, nil, "{\"userId\":\"" .. prefix .. count .. rest)
        end
    end
end

-- A line for programs, after the text for people. Times are in microseconds.
function done(summary, latency)
    local errors = summary.errors
    local line = string.format(
        '{"requests":%d,"duration":%d,"bytes":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d,"mean":%f,"min":%d,"max":%d',
        summary.requests, summary.duration, summary.bytes, errors.connect, errors.read, errors.write, errors.timeout, errors.status,
        latency.mean, latency.min, latency.max)
    for _, part in ipairs({ 50, 90, 95, 99, 99.9 }) do
        line = line .. string.format(',"p%s":%d', part, latency:percentile(part))
    end
    io.write("\nonsale " .. line .. "}\n")
end

"""A load run against the server, on one time axis: what the generator offered, and what the system made of it."""

from . import links
from .board import Board, runs
from .panels import Ask, Limits, lines, number
from .promql import quantile, rate, share

RUN = 'testid=~"$testid"'
REQUESTS = "http_server_request_duration_seconds"
SENT = "k6_http_req_duration_seconds"

READING = """
The left of each pair is the generator's view, the right one the server's; both have one time axis.

**First see whether the run may be believed.** Dropped iterations above 0, or all virtual users busy: the generator could not offer the rate, and its percentiles are its own. Then compare the two rates: they must agree. A generator that sees long durations where the server sees short ones waits for the network, for connections, or for itself.

Refusals that a script expects (a seat that is taken, a place that waits) are not failures. Percentiles are computed from native histograms over all series of a run, never averaged.
"""


def build():
    board = Board(
        "onsale-load",
        "Onsale: load run",
        "What a load generator offered, and what the system made of it, on one time axis.",
        [runs()],
    )
    board.numbers(*numbers()).reading(READING, height=7)
    board.row("Offered and done", *rates())
    board.row("Durations", *durations())
    board.row("What the run was answered", *answers())
    board.row("The generator itself", *generator())
    return board.build()


def offered() -> str:
    return f"{rate('k6_iterations_total', RUN)} + ({rate('k6_dropped_iterations_total', RUN)} or vector(0))"


def client(q: float, per: str = "") -> str:
    by = f" by ({per})" if per else ""
    return f"histogram_quantile({q}, sum{by} (rate({SENT}{{{RUN}}}[$__rate_interval])))"


def numbers():
    return [
        number(
            "Offered",
            "Iterations per second that the run wants: done and dropped together.",
            offered(),
            "suffix: /s",
            empty="no load run in this time",
            width=4,
            decimals=1,
        ),
        number(
            "Dropped",
            "Iterations per second for which the generator had no free virtual user. To be 0: else the run is not what it says.",
            f"{rate('k6_dropped_iterations_total', RUN)} or 0 * {rate('k6_iterations_total', RUN)}",
            "suffix: /s",
            empty="no load run in this time",
            limits=Limits(act=0.001),
            width=4,
        ),
        number(
            "Checks that failed",
            "The share of checks that did not hold, of the worst series. To be 0.",
            f"1 - min(k6_checks_rate{{{RUN}}})",
            "percentunit",
            empty="no load run in this time",
            limits=Limits(look=0.0001, act=0.01),
            width=4,
        ),
        number(
            "Requests, slowest 1 % at the client",
            "99 % of the run's requests were answered within this, as the generator measures it.",
            client(0.99),
            "s",
            empty="no load run in this time",
            width=4,
        ),
        number(
            "Requests, slowest 1 % at the server",
            "99 % of all requests were answered within this, as the gateway measures it.",
            f"{quantile(0.99, REQUESTS)} >= 0",
            "s",
            empty="no requests",
            width=4,
            links=[links.slow("gateway", "250ms")],
        ),
        number(
            "Server faults",
            "The share of requests that ended in a fault of ours.",
            share(rate("onsale_gateway_problems_total", 'kind="fault"'), rate(f"{REQUESTS}_count")),
            "percentunit",
            empty="no requests",
            limits=Limits(look=0.001, act=0.01),
            width=4,
            links=[links.failed("gateway")],
        ),
    ]


def rates():
    return [
        lines(
            "Iterations: offered, done, dropped",
            "Iterations per second. Offered is done and dropped together; a gap between offered and done that is not dropped is in flight.",
            "suffix: /s",
            [
                Ask(offered(), "offered"),
                Ask(rate("k6_iterations_total", RUN), "done"),
                Ask(f"{rate('k6_dropped_iterations_total', RUN)} or 0 * {rate('k6_iterations_total', RUN)}", "dropped"),
            ],
            empty="no load run in this time",
        ),
        lines(
            "Requests: client and server",
            "Requests per second as sent and as answered. The two must agree; more at the server is other traffic, less is lost on the way.",
            "reqps",
            [
                Ask(rate("k6_http_reqs_total", RUN), "sent by the run"),
                Ask(rate(f"{REQUESTS}_count"), "answered by the gateway"),
            ],
            empty="no load run in this time",
        ),
        lines(
            "Requests in flight at the server",
            "Requests that the gateway works on. By Little's law it is the rate times the duration: where it climbs at a constant rate, the system is past what it can do.",
            "short",
            [Ask("sum(http_server_active_requests)", "in flight")],
            empty="the gateway is not scraped",
        ),
    ]


def durations():
    return [
        lines(
            "At the client",
            "What these shares of the run's requests stay below, without the time in which a connection was waited for.",
            "s",
            [Ask(client(q), name) for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))],
            empty="no load run in this time",
            width=6,
        ),
        lines(
            "At the server",
            "The same as the gateway measures it.",
            "s",
            [Ask(quantile(q, REQUESTS), name) for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))],
            empty="no requests",
            width=6,
            links=[links.slow("gateway", "250ms")],
        ),
        lines(
            "At the client, by request",
            "99 % of each kind of request stay below, by the name that the script gives it.",
            "s",
            [Ask(client(0.99, "name"), "{{name}}")],
            empty="no load run in this time",
            width=6,
        ),
        lines(
            "At the server, by route",
            "99 % of the requests of each route stay below.",
            "s",
            [Ask(quantile(0.99, REQUESTS, per="http_route"), "{{http_route}}")],
            empty="no requests",
            width=6,
            links=[links.slow("gateway", "250ms", 'span.http.route = "${__field.labels.http_route}"')],
        ),
    ]


def answers():
    return [
        lines(
            "Answers by status, at the client",
            "The run's requests per second by status. 0 is no answer at all.",
            "reqps",
            [Ask(rate("k6_http_reqs_total", RUN, "status"), "{{status}}")],
            empty="no load run in this time",
        ),
        lines(
            "Unexpected answers, at the client",
            "The share of requests that the script did not expect the answer of, by its worst series.",
            "percentunit",
            [Ask(f"max by (scenario) (k6_http_req_failed_rate{{{RUN}}})", "{{scenario}}")],
            empty="no load run in this time",
            limits=Limits(look=0.001, act=0.01),
        ),
        lines(
            "Problems by kind, at the server",
            "Problems that the gateway answered per second.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_problems_total", per="kind"), "{{kind}}")],
            empty="the gateway is not scraped",
        ),
    ]


def generator():
    return [
        lines(
            "Virtual users",
            "Virtual users at work, against those that the run has. All at work: the generator is at its end, raise them and run again.",
            "short",
            [Ask(f"sum(k6_vus{{{RUN}}})", "at work"), Ask(f"sum(k6_vus_max{{{RUN}}})", "there are")],
            empty="no load run in this time",
        ),
        lines(
            "Waiting for a connection",
            "99 % of the requests waited less for a connection of the generator's. It is not part of the durations; above 0 the generator is short of connections.",
            "s",
            [
                Ask(
                    f"histogram_quantile(0.99, sum(rate(k6_http_req_blocked_seconds{{{RUN}}}[$__rate_interval])))",
                    "p99",
                )
            ],
            empty="no load run in this time",
        ),
        lines(
            "CPU: the machine and the system",
            "Cores used by all machines and by Onsale's programs. What is left between them is the generator, where it runs on the same machine; above 80 % of the machine the run measures the machine.",
            "short",
            [
                Ask('sum(rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))', "machines"),
                Ask(
                    'sum(rate(process_cpu_seconds_total{job=~"gateway|queue|catalog"}[$__rate_interval]))',
                    "gateway, queue and catalog",
                ),
            ],
            empty="no machine is scraped",
        ),
    ]

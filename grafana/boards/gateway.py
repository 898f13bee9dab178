"""The gateway: what visitors ask, what they are answered, and from where."""

from . import hop, links
from .board import Board, copies
from .panels import ACT, INFORMING, LOOK, Ask, Limits, heat, lines, number, rows
from .promql import chosen, highest, known, quantile, rate, share, summed, total

COPY = 'instance=~"$instance"'
REQUESTS = "http_server_request_duration_seconds"
VIEW = 'source=~"view|memory"'
ROUTE = 'span.http.route = "${__field.labels.http_route}"'

READING = """
Requests come in at the top of this board and leave as calls at its end. **Rate, faults, duration** per route tell whether visitors are served; **what was answered from views** tells why the services behind are not asked; **calls made** tells which service holds a request up.

A point of a duration panel leads to the traces: click it, and choose the slow spans. The traces are of the whole time that the board shows, so narrow it first.

Refusals and mistakes are not faults. A status poll that waits is answered from the view and costs the services nothing: *Status polls by source* should be nearly all *view*.
"""


def build():
    board = Board(
        "onsale-gateway",
        "Onsale: gateway",
        "What visitors ask, what they are answered, and from where.",
        [copies("gateway")],
    )
    board.numbers(*numbers()).reading(READING, height=7)
    board.row("Requests", *requests())
    board.row("Objectives", *objectives())
    board.row("Refusals and problems", *problems())
    board.row("Answered from views", *views())
    board.row("How old and how fresh", *freshness())
    board.row("Calls to the services", *hop.asked(f'job="gateway",{COPY}'), *upstream())
    return board.build()


def numbers():
    route = 'http_route="/api/queues/status"'
    return [
        number(
            "Requests per second",
            "All requests, of the chosen copies.",
            rate(f"{REQUESTS}_count", COPY),
            "reqps",
            empty="no requests",
            width=4,
        ),
        number(
            "Requests that fault",
            "The share of requests that ended in a fault of ours. Above 0.1 % the objective is missed.",
            share(rate("onsale_gateway_problems_total", f'{COPY},kind="fault"'), rate(f"{REQUESTS}_count", COPY)),
            "percentunit",
            empty="no requests",
            limits=Limits(look=0.001, act=0.01),
            width=4,
            links=[links.failed("gateway")],
        ),
        number(
            "Status, slowest 1 %",
            "99 % of the status polls are answered within this. The objective is 60 ms.",
            known(quantile(0.99, REQUESTS, f"{COPY},{route}")),
            "s",
            empty="no polls",
            limits=Limits(look=0.06, act=0.25),
            width=4,
            links=[links.slow("gateway", "60ms", 'span.http.route = "/api/queues/status"')],
        ),
        number(
            "In flight",
            "Requests that are being worked on now. It rises when something behind is slow; at the limit, requests are shed.",
            summed("http_server_active_requests", COPY),
            "short",
            empty="the gateway is not scraped",
            width=4,
            decimals=0,
        ),
        number(
            "Shed per second",
            "Requests refused because there is more to do than can be done. To be 0: add a copy, or lower the rooms' rate.",
            rate("onsale_gateway_refused_total", f'{COPY},reason="load_shed"'),
            "reqps",
            empty="the gateway is not scraped",
            limits=Limits(look=0.1, act=10),
            width=4,
        ),
        number(
            "Saved by views",
            "The share of status polls that no service had to be asked for. Near 100 % while many wait.",
            share(
                rate("onsale_gateway_status_answers_total", f"{COPY},{VIEW}"),
                rate("onsale_gateway_status_answers_total", COPY),
            ),
            "percentunit",
            empty="no polls",
            width=4,
        ),
    ]


def requests():
    slow = [links.slow("gateway", "250ms", ROUTE), links.failed("gateway")]
    return [
        lines(
            "Requests by route",
            "Requests per second, by matched route. Paths that match none are one route.",
            "reqps",
            [Ask(rate(f"{REQUESTS}_count", COPY, "http_route"), "{{http_route}}")],
            empty="no requests",
        ),
        lines(
            "Slowest 1 % by route",
            "What 99 % of the requests stay below, by route. The objectives: status 60 ms, schedules 80 ms, seats 100 ms, token 150 ms, holds 300 ms, confirmation 400 ms.",
            "s",
            [Ask(quantile(0.99, REQUESTS, COPY, "http_route"), "{{http_route}}")],
            empty="no requests",
            limits=Limits(look=0.3, act=1),
            links=slow,
        ),
        lines(
            "Half, 95 % and 99 % of requests",
            "What these shares of all requests stay below. A p99 that leaves the p50 behind: some wait for something; all rising together: the machine is full.",
            "s",
            [Ask(quantile(q, REQUESTS, COPY), name) for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))],
            empty="no requests",
            links=[links.slow("gateway", "250ms")],
        ),
        heat(
            "Requests by duration",
            "How many requests took how long. Two bands are two kinds of requests, or of copies; a band that climbs is a queue that builds up.",
            f"sum by (le) (increase({chosen(f'{REQUESTS}_bucket', COPY)}[$__rate_interval]))",
            empty="no requests",
            width=12,
            links=[links.slow("gateway", "250ms")],
        ),
        lines(
            "Requests by status",
            "Requests per second by HTTP status. 500 are bugs; 503 are shed, a full line, or a part that is away; 4xx are refusals and mistakes.",
            "reqps",
            [Ask(rate(f"{REQUESTS}_count", COPY, "http_response_status_code"), "{{http_response_status_code}}")],
            empty="no requests",
            width=6,
            links=[links.failed("gateway")],
        ),
        lines(
            "In flight by copy",
            "Requests being worked on, by copy. One copy far above the others: its machine, or the balancer before it.",
            "short",
            [Ask(summed("http_server_active_requests", COPY, "instance"), "{{instance}}")],
            empty="the gateway is not scraped",
            width=6,
        ),
    ]


def objectives():
    duration = "slo:http_request_duration_seconds"
    return [
        lines(
            "Bad answers",
            "The share of answers of the last minute and of the last hour that were faults or too slow, by objective. Above 0.1 % for long the objective is missed; the alerts weigh both.",
            "percentunit",
            [
                Ask(highest("slo:http_requests_bad:ratio_rate1m", per="slo"), "{{slo}}, 1 m"),
                Ask(highest("slo:http_requests_bad:ratio_rate1h", per="slo"), "{{slo}}, 1 h"),
            ],
            empty="no requests to any endpoint with an objective",
            limits=Limits(look=0.001, act=0.01),
            links=[links.slow("gateway", "250ms"), links.failed("gateway")],
        ),
        lines(
            "95 % of each endpoint",
            "What 95 % of the requests of each endpoint with an objective stay below, of all copies.",
            "s",
            [Ask(highest(f"{duration}:p95_rate1m", per="slo"), "{{slo}}")],
            empty="no requests to any endpoint with an objective",
            limits=Limits(look=0.15),
            links=[links.slow("gateway", "150ms")],
        ),
        lines(
            "99 % of each endpoint, and what is too slow",
            "What 99 % of the requests of each endpoint stay below, of all copies, and above what an answer counts as bad.",
            "s",
            [
                Ask(highest(f"{duration}:p99_rate1m", per="slo"), "{{slo}}"),
                Ask(highest(f"{duration}:limit", per="slo"), "too slow: {{slo}}"),
            ],
            empty="no requests to any endpoint with an objective",
            links=[links.slow("gateway", "250ms")],
        ),
    ]


def problems():
    return [
        lines(
            "Problems by kind",
            "Problems answered per second: refusals by design, mistakes of clients, faults of ours. Faults are to be 0.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_problems_total", COPY, "kind"), "{{kind}}")],
            empty="the gateway is not scraped",
            colors={"refusal": INFORMING, "mistake": LOOK, "fault": ACT},
            width=6,
            links=[links.failed("gateway")],
        ),
        lines(
            "Refused by reason",
            "What the gatekeeper turned away per second, by reason. rate rising alone: few clients ask too often; load_shed: there is too much to do.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_refused_total", COPY, "reason"), "{{reason}}")],
            empty="the gateway is not scraped",
            width=6,
        ),
        lines(
            "Queue tokens refused",
            "Tokens that were not accepted per second, by what was wrong with them. unknown_key after a rotation: a key was taken away too early. wrong_signature in numbers: somebody tries.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_tokens_refused_total", COPY, "reason"), "{{reason}}")],
            empty="the gateway is not scraped",
            width=6,
        ),
        rows(
            "Problems answered",
            "How often each problem was answered in the time shown. docs/problems.md says what each means.",
            "short",
            f"{total('onsale_gateway_problems_total', COPY, 'problem, kind')} > 0",
            {"problem": "Problem", "kind": "Kind", "Value": "Times"},
            empty="no problem was answered",
            width=6,
            decimals=0,
        ),
    ]


def views():
    hits = "onsale_gateway_view_hits_total"
    reads = "onsale_gateway_reads_total"
    return [
        lines(
            "Status polls by source",
            "What answered status polls, per second: the view, a remembered session, or a call to the queue. Calls to the queue are called visitors; many of them while few are called means that the view is stale.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_status_answers_total", COPY, "source"), "{{source}}")],
            empty="the gateway is not scraped",
            width=6,
            stacked=True,
        ),
        lines(
            "Status polls by answer",
            "What visitors were told per second. ended in numbers: clients keep polling after their place is used up.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_status_answers_total", COPY, "status"), "{{status}}")],
            empty="the gateway is not scraped",
            width=6,
            stacked=True,
        ),
        lines(
            "Reads answered from views",
            "The share of reads that no call had to be made for, by view. It is low for a moment after a start, and where schedules are read that nobody watched.",
            "percentunit",
            [Ask(share(rate(hits, f'{COPY},outcome="hit"', "view"), rate(hits, COPY, "view")), "{{view}}")],
            empty="no reads",
            width=6,
            most=1,
        ),
        lines(
            "Reads that had not changed",
            "The share of reads answered with 304, by resource. Higher is cheaper. Near 0 while many read: clients do not send the ETag back.",
            "percentunit",
            [
                Ask(
                    share(rate(reads, f'{COPY},answer="not_modified"', "resource"), rate(reads, COPY, "resource")),
                    "{{resource}}",
                )
            ],
            empty="no reads",
            width=6,
            most=1,
        ),
        lines(
            "Tokens by outcome",
            "Tokens handed out per second: new places, the same place asked for again, and tokens without a number.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_tokens_total", COPY, "outcome"), "{{outcome}}")],
            empty="the gateway is not scraped",
        ),
        lines(
            "Joins in one call",
            "How many joins went to the queue together: half and 99 % of the calls. 1 on a quiet night; it rises with the burst, which is what keeps joins cheap.",
            "short",
            [Ask(quantile(q, "onsale_gateway_joins_batch", COPY), name) for q, name in ((0.5, "p50"), (0.99, "p99"))],
            empty="nobody joined",
        ),
        lines(
            "Bodies of seats encoded",
            "Seat lists that were encoded per second. Once for each change that somebody reads; far above the rate of changes: the cache of bodies is too small.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_seats_encoded_total", COPY, "instance"), "{{instance}}")],
            empty="the gateway is not scraped",
        ),
    ]


def freshness():
    return [
        lines(
            "Age of the rooms' views",
            "How long ago each copy learned where the rooms stand. Up to about 0.5 s is normal; beyond 2 s visitors wait longer than they need, and no queue copy answers.",
            "s",
            [Ask(highest("onsale_gateway_room_view_age_seconds", COPY, "instance"), "{{instance}}")],
            empty="the gateway is not scraped",
            limits=Limits(look=2, act=10),
        ),
        lines(
            "Age of the seats that were shown",
            "How old seats were when they were shown: half and 99 % of the reads. Never above 0.25 s, since older ones are refused (I7).",
            "s",
            [
                Ask(quantile(q, "onsale_gateway_seats_age_seconds", COPY), name)
                for q, name in ((0.5, "p50"), (0.99, "p99"))
            ],
            empty="nobody read seats",
            limits=Limits(look=0.25),
        ),
        lines(
            "Views that could not be had",
            "Per second: reads of seats that no view was young enough for, refreshes and syncs that no copy answered in time. To be 0; reads refused are what visitors notice.",
            "suffix: /s",
            [
                Ask(rate("onsale_gateway_seats_refused_total", COPY), "reads refused"),
                Ask(rate("onsale_gateway_seats_refresh_failed_total", COPY), "refreshes failed"),
                Ask(rate("onsale_gateway_sync_failed_total", COPY), "syncs failed"),
            ],
            empty="the gateway is not scraped",
            limits=Limits(look=0.1, act=10),
        ),
        lines(
            "Seat views kept",
            "Schedules whose seats each copy keeps a view of. It follows what visitors look at.",
            "short",
            [Ask(highest("onsale_gateway_seat_views_watched", COPY, "instance"), "{{instance}}")],
            empty="the gateway is not scraped",
            stepped=True,
        ),
    ]


def upstream():
    failed = rate("onsale_gateway_calls_failed_total", COPY, "service")
    return [
        lines(
            "Attempts that failed, and retries",
            "Attempts that a copy of a service did not answer, and calls that were tried again on another, per second. Retries have a budget: failures without retries mean that it is spent.",
            "suffix: /s",
            [
                Ask(failed, "failed at the {{service}}"),
                Ask(rate("onsale_gateway_calls_retried_total", COPY, "service"), "retried at the {{service}}"),
            ],
            empty="the gateway is not scraped",
            limits=Limits(look=1),
            width=12,
            links=[links.failed("gateway")],
        ),
        lines(
            "Copies of the services",
            "Copies as the gateways see them, by service and state: the most that any gateway says. Down above 0: the balancer goes round them.",
            "short",
            [Ask(highest("onsale_gateway_copies", COPY, "service, state"), "{{service}} {{state}}")],
            empty="the gateway is not scraped",
            stepped=True,
            width=12,
        ),
    ]

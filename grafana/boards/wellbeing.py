"""The second half of the overview: whether what was promised is kept, and which part it is if not."""

from . import links
from .panels import Ask, Below, Limits, bars, lines, rows
from .promql import chosen, highest, or_none_of, quantile, rate, share, summed

ROOM = 'room=~"$room"'
REQUESTS = "http_server_request_duration_seconds"
STORES = "db_client_operation_duration_seconds"
TROUBLE = 'error_type=~"away|broken|abandoned"'
# Who is inside stays when an operator lowers the capacity, so sessions are held against the most there was of late.
CAPACITY_OF_LATE = "max by (room) (max_over_time(onsale_queue_capacity[1h]))"


def objectives():
    return [
        lines(
            "Bad answers by endpoint",
            "The share of answers of the last five minutes that were faults or too slow, by objective, against what may be (0.1 %). Ten times as much is a page within minutes; which part it is, the row *Which part is it* tells.",
            "percentunit",
            [
                Ask(highest("slo:http_requests_bad:ratio_rate5m", per="slo"), "{{slo}}"),
                Ask("max(slo:error_budget:ratio)", "may be"),
            ],
            empty="no requests to any endpoint with an objective",
            limits=Limits(look=0.001, act=0.01),
            width=12,
            links=[links.slow("gateway", "250ms"), links.failed("gateway")],
        ),
        bars(
            "Hours of budget used in the last hour",
            "How much of what may go wrong in an hour the last hour has used, by objective. 1 is just what is allowed; from about 14 on, a month's budget is gone in two days.",
            "suffix:×",
            [Ask(highest("slo:error_budget:burned_1h", per="slo"), "{{slo}}")],
            empty="no requests to any endpoint with an objective",
            limits=Limits(look=1, act=14.4),
            width=12,
        ),
    ]


def invariants():
    over = f"clamp_min({highest('onsale_queue_active', ROOM, 'room')} - {CAPACITY_OF_LATE}, 0)"
    return [
        lines(
            "Over-admission",
            "Sessions above the most that the room's capacity has been within the last hour (I3), so that a capacity that was lowered does not show. Must be 0: else pause the room and call an engineer.",
            "short",
            [Ask(over, "room {{room}}")],
            empty="no room is in force",
            limits=Limits(act=1),
            width=6,
        ),
        lines(
            "Oversell and other broken seats",
            "What the periodic look at the catalog finds broken, by invariant (I5: a seat with two live holds or sales). Must be 0; more is an oversell: stop that schedule's sale.",
            "short",
            [Ask(highest("onsale_catalog_broken_invariants", per="invariant"), "{{invariant}}")],
            empty="no look was taken",
            limits=Limits(act=1),
            width=6,
        ),
        lines(
            "Order inversions",
            "Visitors who were let in before a lower number that was there (I2), in the time of one step. Must be 0.",
            "short",
            [
                Ask(
                    f"sum by (room) (increase({chosen('onsale_queue_order_inversions_total', ROOM)}[$__rate_interval]))",
                    "room {{room}}",
                )
            ],
            empty="no room is in force",
            limits=Limits(act=1),
            width=6,
        ),
        lines(
            "Looks at the catalog, and losses of Redis",
            "Looks at the catalog's invariants by what came of them, and rooms that were fenced and made whole after Redis lost data. Looks that stop leave the panels beside this one blind; failed ones say that Postgres was too busy.",
            "short",
            [
                Ask(
                    "sum by (outcome) (increase(onsale_catalog_invariant_checks_total[$__rate_interval]))",
                    "look: {{outcome}}",
                ),
                Ask(f"sum(increase({chosen('onsale_queue_losses_total', ROOM)}[$__rate_interval]))", "losses"),
            ],
            empty="no look was taken",
            width=6,
        ),
    ]


def parts():
    return [
        lines(
            "Where the time goes",
            "What 99 % of the calls of each part stay below. A part that rises alone is the cause; those above it in the list rise with it: gateway over queue and catalog, catalog over Postgres, queue over Redis.",
            "s",
            [
                Ask(quantile(0.99, REQUESTS), "gateway"),
                Ask(quantile(0.99, "rpc_server_call_duration_seconds", 'job="queue"'), "queue"),
                Ask(quantile(0.99, "rpc_server_call_duration_seconds", 'job="catalog"'), "catalog"),
                Ask(quantile(0.99, STORES, 'db_system_name="redis"'), "Redis"),
                Ask(quantile(0.99, STORES, 'db_system_name="postgresql"'), "Postgres"),
            ],
            empty="no calls",
            limits=Limits(look=0.5, act=2),
            width=12,
            links=[links.slow("gateway", "500ms"), links.slow("queue", "250ms"), links.slow("catalog", "250ms")],
        ),
        lines(
            "Stores: operations that failed",
            "The share of operations that a store did not answer, or answered with nonsense. Refusals of a store that works are not in it. Above 0 for more than a moment: that store is away or overwhelmed.",
            "percentunit",
            [
                Ask(
                    share(
                        or_none_of(
                            rate(f"{STORES}_count", TROUBLE, "db_system_name"),
                            rate(f"{STORES}_count", per="db_system_name"),
                        ),
                        rate(f"{STORES}_count", per="db_system_name"),
                    ),
                    "{{db_system_name}}",
                )
            ],
            empty="no store was asked",
            limits=Limits(look=0.001, act=0.05),
            width=12,
        ),
        lines(
            "Requests and retries",
            "Requests per second by route, and what the gateway asked again because a copy did not answer. Requests that double while new tokens do not are clients that retry.",
            "reqps",
            [
                Ask(rate(f"{REQUESTS}_count", per="http_route"), "{{http_route}}"),
                Ask(rate("onsale_gateway_calls_retried_total", per="service"), "retried at the {{service}}"),
            ],
            empty="no requests",
            width=12,
        ),
        lines(
            "Tokens by outcome",
            "Tokens handed out per second: new places, places that their owner asked for again, and tokens without a number, which an open door gives. *again* many times *new* is a storm of retries, and harmless to the line.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_tokens_total", per="outcome"), "{{outcome}}")],
            empty="the gateway is not scraped",
            width=6,
        ),
        lines(
            "Age of what is shown",
            "How old the views are that visitors are answered from: rooms and seats. Seats are shown up to 0.25 s old and refused beyond; rooms are stale beyond about 1 s.",
            "s",
            [
                Ask(highest("onsale_gateway_room_view_age_seconds"), "rooms, at the gateway"),
                Ask(highest("onsale_catalog_seat_view_age_seconds"), "seats, at the catalog"),
                Ask(quantile(0.99, "onsale_gateway_seats_age_seconds"), "seats, as shown (p99)"),
                Ask(highest("onsale_queue_tick_age_seconds", ROOM), "last tick"),
            ],
            empty="no view is kept",
            limits=Limits(look=1, act=5),
            width=6,
        ),
    ]


def health():
    return [
        rows(
            "Copies",
            "What Prometheus scrapes, and whether it answered (1) or not (0).",
            "none",
            summed("up", per="job, instance"),
            {"job": "Program", "instance": "Copy", "Value": "Answers"},
            empty="Prometheus scrapes nothing",
            limits=Below(look=1),
        ),
        rows(
            "Not ready",
            "Programs that answer and say that they lack something. A copy that is not ready is given no work. For a moment at the start it is normal.",
            "none",
            "onsale_process_ready == 0",
            {"job": "Program", "instance": "Copy", "condition": "Lacks", "Value": ""},
            empty="every copy has what it needs",
        ),
        rows(
            "Alerts that fire",
            "Every alert that fires now. Its runbook is the section of docs/runbooks.md with its name.",
            "none",
            'count by (alertname, severity) (ALERTS{alertstate="firing"})',
            {"alertname": "Alert", "severity": "Severity", "Value": "Series"},
            empty="no alert fires",
            limits=Limits(look=1),
        ),
        lines(
            "Copies that the gateways can reach",
            "Copies of the services as the gateways see them. Down above 0: calls go to the others. No copy up: that half of the API answers with faults.",
            "short",
            [
                Ask(
                    "max by (service, state) (sum by (instance, service, state) (onsale_gateway_copies))",
                    "{{service}} {{state}}",
                )
            ],
            empty="the gateway is not scraped",
            stepped=True,
            width=12,
        ),
        lines(
            "Wait for a connection to Postgres",
            "What 99 % of the waits for a connection stay below. A pool that is too small, or held by slow statements, shows here first.",
            "s",
            [Ask(quantile(0.99, "db_client_connection_wait_time_seconds"), "wait for a connection (p99)")],
            empty="no connection was asked for",
            limits=Limits(look=0.1, act=1),
            width=6,
        ),
        lines(
            "Calls shed",
            "Calls and requests per second that were turned away because too many were in flight. A short burst is what it is for; if it lasts, add copies or lower the rooms' rate.",
            "suffix: /s",
            [
                Ask(rate("onsale_grpc_calls_shed_total", per="job"), "calls at the {{job}}"),
                Ask(rate("onsale_gateway_refused_total", 'reason="load_shed"'), "requests at the gateway"),
            ],
            empty="no program is scraped",
            width=6,
        ),
    ]

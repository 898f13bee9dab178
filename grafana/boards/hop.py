"""What is asked of every program alike: the calls it answers, the calls it makes, the store it uses."""

from . import links
from .panels import Ask, Limits, lines
from .promql import or_none_of, quantile, rate, share

STORE = "db_client_operation_duration_seconds"
SERVED = "rpc_server_call_duration_seconds"
ASKED = "rpc_client_call_duration_seconds"
# Codes that say that the callee is at fault or away, or that the caller gave up waiting; the others are answers.
FAULTS = 'rpc_response_status_code=~"UNAVAILABLE|INTERNAL|UNKNOWN|DATA_LOSS|DEADLINE_EXCEEDED|CANCELLED|UNIMPLEMENTED"'


def served(program: str, where: str):
    """The gRPC calls that a program answers."""
    slow = [links.slow(program, "250ms"), links.failed(program)]
    return [
        lines(
            "Calls answered",
            "gRPC calls per second, by method. A method at 0 that is not 0 on other days: nobody gets as far.",
            "reqps",
            [Ask(rate(f"{SERVED}_count", where, "rpc_method"), "{{rpc_method}}")],
            empty="no calls",
        ),
        lines(
            "Slowest 1 % of calls",
            "What 99 % of the calls stay below, by method, as this program measures it. One method alone: its script or statement. All of them: the program or its store is short of something.",
            "s",
            [Ask(quantile(0.99, SERVED, where, "rpc_method"), "{{rpc_method}}")],
            empty="no calls",
            limits=Limits(look=0.25, act=1),
            links=slow,
        ),
        lines(
            "Calls by code",
            "gRPC calls per second by the code they were answered with. FAILED_PRECONDITION and RESOURCE_EXHAUSTED are refusals by design; UNAVAILABLE, INTERNAL and DEADLINE_EXCEEDED are faults.",
            "reqps",
            [Ask(rate(f"{SERVED}_count", where, "rpc_response_status_code"), "{{rpc_response_status_code}}")],
            empty="no calls",
            links=[links.failed(program)],
        ),
    ]


def in_flight(where: str):
    """How much of a program's room for calls is used."""
    return lines(
        "Calls in flight, and shed",
        "Calls that are being worked on, and calls per second refused because too many were. Shed above 0 for longer than a burst: add a copy.",
        "short",
        [
            Ask(f"sum by (instance) (onsale_grpc_calls_in_flight{{{where}}})", "in flight, {{instance}}"),
            Ask(rate("onsale_grpc_calls_shed_total", where), "shed per second"),
        ],
        empty="the program is not scraped",
    )


def asked(where: str):
    """The gRPC calls that a program makes."""
    return [
        lines(
            "Calls made",
            "gRPC calls per second to the services, by method. Calls per request that rise: the views answer less than they did.",
            "reqps",
            [Ask(rate(f"{ASKED}_count", where, "rpc_method"), "{{rpc_method}}")],
            empty="no calls",
        ),
        lines(
            "Slowest 1 % of calls made",
            "What 99 % of the calls stay below, by method, as the caller sees it: the network and retries of the transport included. Slow here and fast at the service: the network, or this program itself.",
            "s",
            [Ask(quantile(0.99, ASKED, where, "rpc_method"), "{{rpc_method}}")],
            empty="no calls",
            limits=Limits(look=0.25, act=1),
            links=[links.slow("gateway", "250ms")],
        ),
        lines(
            "Calls made that faulted",
            "The share of calls that ended in a fault, by method: the service was away or at fault, or this program gave up waiting (CANCELLED, DEADLINE_EXCEEDED). To be 0.",
            "percentunit",
            [
                Ask(
                    share(
                        or_none_of(
                            rate(f"{ASKED}_count", f"{where},{FAULTS}", "rpc_method"),
                            rate(f"{ASKED}_count", where, "rpc_method"),
                        ),
                        rate(f"{ASKED}_count", where, "rpc_method"),
                    ),
                    "{{rpc_method}}",
                )
            ],
            empty="no calls",
            limits=Limits(look=0.001, act=0.01),
            links=[links.failed("gateway")],
        ),
    ]


def store(program: str, what: str, where: str):
    """What a program asks of its store: `what` is a script or a statement."""
    name = "{{db_operation_name}}"
    return [
        lines(
            f"{what.capitalize()}s run",
            f"Operations per second, by {what}. One that runs more often than the calls that need it: batches have become smaller, or something is retried.",
            "ops",
            [Ask(rate(f"{STORE}_count", where, "db_operation_name"), name)],
            empty="the store was not asked",
        ),
        lines(
            f"Slowest 1 % of each {what}",
            f"What 99 % of the runs stay below, by {what}, the way to the store and back included. One alone: that {what}, or the rows it waits for. All: the store is short of something, see the resources.",
            "s",
            [Ask(quantile(0.99, STORE, where, "db_operation_name"), name)],
            empty="the store was not asked",
            limits=Limits(look=0.1, act=0.5),
            links=[links.slow(program, "100ms")],
        ),
        lines(
            f"{what.capitalize()}s by what came of them",
            "Operations per second by what went wrong; the one without a name went well. busy: another call has what this one needs. away and broken: the store is to be looked at. abandoned: whoever asked waits no longer.",
            "ops",
            [Ask(rate(f"{STORE}_count", where, "error_type"), "{{error_type}}")],
            empty="the store was not asked",
            links=[links.failed(program)],
        ),
    ]

"""The catalog: holds and sales, the seats, and what Postgres makes of them."""

from . import hop, links
from .board import Board, concerts, copies
from .panels import CALM, INFORMING, LOOK, Ask, Limits, lines, number, rows
from .promql import highest, known, quantile, rate, share, summed, total

COPY = 'instance=~"$instance"'
CONCERT = 'concert=~"$concert"'
OPERATIONS = "onsale_catalog_operations_total"
HOLDING = 'operation=~"hold|hold_best_available"'
VIEW = "onsale_catalog_seat_view"

READING = """
A buyer **holds** seats, **checks out**, and **confirms**: each is an operation with an outcome. *done* is what they came for, *unchanged* that it was so already, *replayed* the kept answer to a repeated request; the others are refusals, of which *seats_taken* is the most usual in a rush. *away* and *busy* are the store's, and faults.

**Holds are slow?** Compare *Slowest 1 % by operation* with *Slowest 1 % of each statement* and with the wait for a connection: a statement that waits for rows is many buyers on the same seats; a wait for a connection is a pool that is too small or held by something slow.

**Seats look wrong?** *Invariants* says what the periodic look found. Held seats whose hold has ended are free at once; the sweeper only writes the event, so its lag takes no seat from anyone.
"""


def build():
    board = Board(
        "onsale-catalog",
        "Onsale: catalog",
        "Holds and sales, the seats, and what Postgres makes of them.",
        [copies("catalog"), concerts()],
    )
    board.numbers(*numbers()).reading(READING, height=8)
    board.row("Holds and sales", *operations())
    board.row("Seats", *seats())
    board.row("Seat views", *views())
    board.row(
        "Statements and connections", *hop.store("catalog", "statement", f'db_system_name="postgresql",{COPY}'), *pool()
    )
    board.row("Calls", *hop.served("catalog", f'job="catalog",{COPY}'), hop.in_flight(f'job="catalog",{COPY}'))
    return board.build()


def numbers():
    return [
        number(
            "Broken invariants",
            "What the periodic look at the catalog finds broken. Must be 0: more is an oversell or a hold that is not what it should be. Stop the sale of that schedule.",
            f"sum({highest('onsale_catalog_broken_invariants', per='invariant')})",
            "none",
            empty="no look was taken",
            limits=Limits(act=1),
            width=4,
            decimals=0,
        ),
        number(
            "Held per second",
            "Holds that were made, per second.",
            rate(OPERATIONS, f'{COPY},{HOLDING},outcome="done"'),
            "suffix: /s",
            empty="the catalog is not scraped",
            width=4,
            decimals=1,
        ),
        number(
            "Sold per second",
            "Holds that were confirmed, per second.",
            rate(OPERATIONS, f'{COPY},operation="confirm",outcome="done"'),
            "suffix: /s",
            empty="the catalog is not scraped",
            width=4,
            decimals=1,
        ),
        number(
            "Seats taken before",
            "The share of holds refused because a seat was taken. High in a rush; near 100 % with seats left: buyers look at old seats.",
            share(rate(OPERATIONS, f'{COPY},{HOLDING},outcome="seats_taken"'), rate(OPERATIONS, f"{COPY},{HOLDING}")),
            "percentunit",
            empty="no holds",
            width=4,
        ),
        number(
            "Holds, slowest 1 %",
            "99 % of the holds are answered within this, as the catalog measures it. The objective is 300 ms.",
            known(quantile(0.99, "onsale_catalog_operation_duration_seconds", f"{COPY},{HOLDING}")),
            "s",
            empty="no holds",
            limits=Limits(look=0.3, act=1),
            width=4,
            links=[links.slow("catalog", "300ms")],
        ),
        number(
            "Age of the seats",
            "The age of the oldest view that is kept. Views are refreshed every 50 to 100 ms; beyond 0.25 s reads are refused (I7).",
            highest(f"{VIEW}_age_seconds", COPY),
            "s",
            empty="no schedule is watched",
            limits=Limits(look=0.25, act=1),
            width=4,
        ),
    ]


def operations():
    return [
        lines(
            "Operations done",
            "Operations per second that did what they were asked, by operation.",
            "suffix: /s",
            [Ask(rate(OPERATIONS, f'{COPY},outcome="done"', "operation"), "{{operation}}")],
            empty="the catalog is not scraped",
        ),
        lines(
            "Operations refused",
            "Operations per second that ended otherwise, by outcome. Refusals of the domain are the sale at work; busy and away are Postgres.",
            "suffix: /s",
            [Ask(rate(OPERATIONS, f'{COPY},outcome!~"done|unchanged|replayed"', "outcome"), "{{outcome}}")],
            empty="the catalog is not scraped",
        ),
        lines(
            "Slowest 1 % by operation",
            "What 99 % of the operations stay below. The objectives: holds 300 ms, confirm and cancel 400 ms.",
            "s",
            [Ask(quantile(0.99, "onsale_catalog_operation_duration_seconds", COPY, "operation"), "{{operation}}")],
            empty="no operations",
            limits=Limits(look=0.3, act=1),
            links=[links.slow("catalog", "300ms")],
        ),
        rows(
            "Outcomes",
            "How often each operation ended how, in the time shown.",
            "short",
            f"{total(OPERATIONS, COPY, 'operation, outcome')} > 0",
            {"operation": "Operation", "outcome": "Outcome", "Value": "Times"},
            empty="nothing was asked",
            decimals=0,
            width=12,
        ),
        lines(
            "Repeated requests",
            "Operations per second that were answered from an idempotency key. A rise means that clients or networks repeat; nothing happened twice.",
            "suffix: /s",
            [Ask(rate(OPERATIONS, f'{COPY},outcome="replayed"', "operation"), "{{operation}}")],
            empty="the catalog is not scraped",
            width=12,
        ),
    ]


def seats():
    return [
        lines(
            "Seats by state",
            "The seats of the watched schedules, of the chosen concerts.",
            "short",
            [Ask(f"sum by (state) ({highest('onsale_catalog_seats', CONCERT, 'concert, state')})", "{{state}}")],
            empty="no schedule is watched",
            stacked=True,
            colors={"available": CALM, "held": LOOK, "sold": INFORMING, "blocked": "gray"},
        ),
        lines(
            "Available by concert",
            "Seats that are free, by concert. A line that falls and rises again is holds that end unpaid.",
            "short",
            [Ask(highest("onsale_catalog_seats", f'{CONCERT},state="available"', "concert"), "concert {{concert}}")],
            empty="no schedule is watched",
        ),
        lines(
            "Seats changed",
            "Seats, not calls, that changed hands per second, by operation.",
            "suffix: /s",
            [Ask(rate("onsale_catalog_seats_changed_total", COPY, "operation"), "{{operation}}")],
            empty="the catalog is not scraped",
        ),
        lines(
            "Invariants",
            "What the periodic look finds broken, by invariant. Must be 0.",
            "short",
            [Ask(highest("onsale_catalog_broken_invariants", per="invariant"), "{{invariant}}")],
            empty="no look was taken",
            limits=Limits(act=1),
            width=6,
        ),
        lines(
            "Looks at the invariants",
            "Looks in the time of one step, by what came of them. One a minute by one copy; failed ones say that Postgres had no time for them.",
            "short",
            [
                Ask(
                    "sum by (outcome) (increase(onsale_catalog_invariant_checks_total[$__rate_interval]))",
                    "{{outcome}}",
                )
            ],
            empty="no look was taken",
            width=6,
        ),
        lines(
            "Holds ended unpaid",
            "Ends of holds that a sweeper noticed, per second. Buyers who do not pay; a rise after the payment's time is a payment service in trouble.",
            "suffix: /s",
            [Ask(rate("onsale_catalog_holds_ended_total", COPY), "holds")],
            empty="the catalog is not scraped",
            width=6,
        ),
        lines(
            "Sweep lag",
            "How long ago the oldest hold ended whose end no sweeper has written down. It takes no seat from anyone, but events come late; beyond a minute no sweeper runs.",
            "s",
            [Ask(highest("onsale_catalog_sweep_lag_seconds", COPY), "oldest end")],
            empty="the catalog is not scraped",
            limits=Limits(look=60),
            width=6,
        ),
    ]


def views():
    return [
        lines(
            "Age by copy",
            "The age of the oldest seat view of each copy. Refreshed every 50 to 100 ms; beyond 0.25 s reads wait or are refused.",
            "s",
            [Ask(highest(f"{VIEW}_age_seconds", COPY, "instance"), "{{instance}}")],
            empty="no schedule is watched",
            limits=Limits(look=0.25, act=1),
            width=6,
        ),
        lines(
            "Refreshes",
            "How long refreshes take: half and 99 %. One that takes longer than the interval between them makes every view older.",
            "s",
            [
                Ask(quantile(q, f"{VIEW}_refresh_duration_seconds", COPY), name)
                for q, name in ((0.5, "p50"), (0.99, "p99"))
            ],
            empty="no schedule is watched",
            limits=Limits(look=0.1, act=0.25),
            width=6,
            links=[links.slow("catalog", "100ms")],
        ),
        lines(
            "Loads and failed refreshes",
            "Views loaded anew and refreshes that failed, per second. Loads come with new schedules; failures are Postgres.",
            "suffix: /s",
            [
                Ask(rate(f"{VIEW}_loads_total", COPY), "loads"),
                Ask(rate(f"{VIEW}_refresh_failed_total", COPY), "failed"),
            ],
            empty="the catalog is not scraped",
            width=6,
        ),
        lines(
            "Watched schedules",
            "Schedules whose seats each copy keeps a view of.",
            "short",
            [Ask(highest(f"{VIEW}_watched", COPY, "instance"), "{{instance}}")],
            empty="the catalog is not scraped",
            stepped=True,
            width=6,
        ),
    ]


def pool():
    count = "db_client_connection_count"
    return [
        lines(
            "Connections",
            "Connections to Postgres, used and idle, against the most that there may be. Used at the most: calls wait for one.",
            "short",
            [Ask(summed(count, COPY, "state"), "{{state}}"), Ask(summed("db_client_connection_max", COPY), "most")],
            empty="the catalog is not scraped",
            stepped=True,
        ),
        lines(
            "Wait for a connection",
            "How long calls wait for a connection: half and 99 %. Above a few milliseconds the pool is too small or held by slow statements.",
            "s",
            [
                Ask(quantile(q, "db_client_connection_wait_time_seconds", COPY), name)
                for q, name in ((0.5, "p50"), (0.99, "p99"))
            ],
            empty="no connection was asked for",
            limits=Limits(look=0.1, act=1),
        ),
        lines(
            "Waits that were given up",
            "Calls per second that did not get a connection in time, and were answered with a fault. To be 0.",
            "suffix: /s",
            [Ask(rate("db_client_connection_timeouts_total", COPY), "timeouts")],
            empty="the catalog is not scraped",
            limits=Limits(look=0.1, act=1),
        ),
    ]

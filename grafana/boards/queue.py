"""The queue: rooms, ticks, and what becomes of those who are called."""

from . import hop, links
from .board import Board, copies, rooms
from .panels import Ask, Below, Limits, heat, lines, number, rows
from .promql import chosen, highest, known, quantile, rate, share, total

COPY = 'instance=~"$instance"'
ROOM = 'room=~"$room"'
BOTH = f"{COPY},{ROOM}"
PROMISES = "onsale_queue_wait_promises_total"

READING = """
A visitor **joins** and gets a number; a **tick** raises *serving*, which **calls** numbers; the visitor's next poll **claims** a slot, which is a session; the session ends, and its slot is given to the next. Each of these is a rate on this board, in this order.

**The line stands still?** *Rooms* says whether somebody paused it. Active at capacity: wait, or raise the capacity. Free slots and no calls: look at the ticks; late ticks mean that Redis is slow or away, see *Scripts*.

Gauges of a room are said by every copy alike; choosing a copy filters what it counted itself.
"""


def build():
    board = Board(
        "onsale-queue",
        "Onsale: queue",
        "Rooms, ticks, and what becomes of those who are called.",
        [copies("queue"), rooms()],
    )
    board.numbers(*numbers()).reading(READING, height=7)
    board.row("Rooms", *places())
    board.row("From the call to the session", *calls())
    board.row("Waits and promises", *waits())
    board.row("Ticks, order and losses", *ticks())
    board.row("Joins and batches", *joins())
    board.row("Calls", *hop.served("queue", f'job="queue",{COPY}'), hop.in_flight(f'job="queue",{COPY}'))
    board.row("Scripts in Redis", *hop.store("queue", "script", f'db_system_name="redis",{COPY}'))
    return board.build()


def numbers():
    active, capacity = (f"sum({highest(f'onsale_queue_{name}', ROOM, 'room')})" for name in ("active", "capacity"))
    return [
        number(
            "Waiting",
            "Visitors in line who have not been called.",
            f"sum({highest('onsale_queue_waiting', ROOM, 'room')})",
            "short",
            empty="no room is in force",
            width=4,
        ),
        number(
            "Slots used",
            "Sessions in the slots there are. Near 100 % while many wait is a house at work; above it is over-admission, or a capacity that was lowered.",
            share(active, capacity),
            "percentunit",
            empty="no room has slots",
            limits=Limits(act=1.0001),
            width=4,
        ),
        number(
            "Called per second",
            "Numbers called in per second.",
            rate("onsale_queue_released_total", BOTH),
            "suffix: /s",
            empty="no room is in force",
            width=4,
            decimals=1,
        ),
        number(
            "Last tick",
            "How long ago the room that was looked at least was last looked at, by any copy. Ticks are every 200 to 500 ms; beyond 2 s nobody is called.",
            f"max({highest('onsale_queue_tick_age_seconds', ROOM, 'room')})",
            "s",
            empty="no room is in force",
            limits=Limits(look=2, act=5),
            width=4,
        ),
        number(
            "Order inversions",
            "Visitors let in before a lower number that was there, in the time shown. Must be 0 (I2).",
            total("onsale_queue_order_inversions_total", BOTH),
            "short",
            empty="no room is in force",
            limits=Limits(act=0.5),
            width=4,
            decimals=0,
        ),
        number(
            "Scripts, slowest 1 %",
            "What 99 % of the scripts in Redis stay below. Normal is below 10 ms; with every write on disk before it is acknowledged, a slow disk shows here first.",
            known(quantile(0.99, hop.STORE, f'db_system_name="redis",{COPY}')),
            "s",
            empty="Redis was not asked",
            limits=Limits(look=0.1, act=0.5),
            width=4,
            links=[links.slow("queue", "100ms")],
        ),
    ]


def places():
    def each(name: str, word: str) -> Ask:
        return Ask(highest(f"onsale_queue_{name}", ROOM, "room"), f"{word}, room {{{{room}}}}")

    return [
        lines(
            "Waiting and ready",
            "Visitors who are not called, and called ones who are there and have no slot just now. Ready that grows: slots free up more slowly than was expected of the called.",
            "short",
            [each("waiting", "waiting"), each("ready", "ready")],
            empty="no room is in force",
        ),
        lines(
            "Active against capacity",
            "Sessions and slots. Active above capacity is over-admission (I3), but while a lowered capacity is waited for.",
            "short",
            [each("active", "active"), each("capacity", "capacity")],
            empty="no room is in force",
            stepped=True,
        ),
        lines(
            "Serving and last number",
            "The highest number called in and the highest issued. The gap is the line.",
            "none",
            [each("serving_number", "serving"), each("last_number", "last")],
            empty="no room is in force",
            stepped=True,
        ),
        rows(
            "Rooms",
            "The mode of each room. Only open and draining rooms call.",
            "none",
            f"{highest('onsale_queue_mode', ROOM, 'room, mode')} == 1",
            {"room": "Room", "mode": "Mode", "Value": ""},
            empty="no room is in force",
            width=12,
            height=6,
        ),
        lines(
            "Called per second against the policy",
            "Numbers called in per second against the rate of the room's policy. Below it: slots are full, or nobody waits.",
            "suffix: /s",
            [
                Ask(rate("onsale_queue_released_total", BOTH, "room"), "called, room {{room}}"),
                each("release_rate", "policy"),
            ],
            empty="no room is in force",
            width=12,
            height=6,
        ),
    ]


def calls():
    steps = ("released", "claimed", "no_shows", "late", "left", "sessions_ended")
    words = ("called", "claimed", "no-shows", "late", "left", "sessions ended")
    return [
        lines(
            "What becomes of the called",
            "Per second: numbers called, slots claimed, claim windows that passed, those who came back late, those who left, sessions that ended. In a steady room claimed equals sessions ended.",
            "suffix: /s",
            [Ask(rate(f"onsale_queue_{step}_total", BOTH), word) for step, word in zip(steps, words, strict=True)],
            empty="no room is in force",
            width=12,
        ),
        lines(
            "Called who came",
            "The share of the called who claimed, over the time of one step. A fall means that clients do not poll, or cannot.",
            "percentunit",
            [
                Ask(
                    share(
                        rate("onsale_queue_claimed_total", BOTH, "room"),
                        rate("onsale_queue_released_total", BOTH, "room"),
                    ),
                    "room {{room}}",
                )
            ],
            empty="nobody was called",
            width=6,
        ),
        lines(
            "From the call to the claim",
            "How long the called take to claim: half, 90 % and 99 %. It is about the interval of polls; beyond the claim window (a setting of the room) they are no-shows.",
            "s",
            [
                Ask(quantile(q, "onsale_queue_claim_delay_seconds", COPY), name)
                for q, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"))
            ],
            empty="nobody claimed",
            width=6,
        ),
    ]


def waits():
    kept = [
        Ask(
            share(
                rate(PROMISES, f'{COPY},promise="{promise}",kept="yes"'), rate(PROMISES, f'{COPY},promise="{promise}"')
            ),
            promise,
        )
        for promise in ("p50", "p90")
    ]
    return [
        heat(
            "Waits of those who were called",
            "How long visitors waited from joining to the call, of those who claim. The band climbs as the line grows.",
            f"sum by (le) (increase({chosen('onsale_queue_wait_seconds_bucket', COPY)}[$__rate_interval]))",
            empty="nobody was called",
        ),
        lines(
            "Half and 90 % of waits",
            "What these shares of the waits stay below, from joining to the call.",
            "s",
            [Ask(quantile(q, "onsale_queue_wait_seconds", COPY), name) for q, name in ((0.5, "p50"), (0.9, "p90"))],
            empty="nobody was called",
        ),
        lines(
            "Promises kept",
            "The share of visitors who were called within the estimate they were given at joining. About half of p50 and at least 90 % of p90: the estimates are honest.",
            "percentunit",
            kept,
            empty="nobody who was given an estimate was called",
            limits=Below(look=0.9),
            most=1,
        ),
    ]


def ticks():
    return [
        lines(
            "Last tick",
            "How long ago each room was last looked at by any copy, by Redis' clock. It saws between 0 and 0.5 s; a line that climbs is a room in which nothing moves.",
            "s",
            [Ask(highest("onsale_queue_tick_age_seconds", ROOM, "room"), "room {{room}}")],
            empty="no room is in force",
            limits=Limits(look=2, act=5),
            width=6,
        ),
        lines(
            "How late ticks are",
            "How much later than due the copies' ticks ran: half and 99 %. Late ticks with fast scripts: the process is short of CPU.",
            "s",
            [
                Ask(quantile(q, "onsale_queue_tick_lag_seconds", COPY), name)
                for q, name in ((0.5, "p50"), (0.99, "p99"))
            ],
            empty="no ticks",
            limits=Limits(look=0.5, act=2),
            width=6,
        ),
        lines(
            "Order inversions",
            "Visitors let in before a lower number that was there, by room, in the time of one step. Must be 0 (I2).",
            "short",
            [
                Ask(
                    f"sum by (room) (increase({chosen('onsale_queue_order_inversions_total', BOTH)}[$__rate_interval]))",
                    "room {{room}}",
                )
            ],
            empty="no room is in force",
            limits=Limits(act=0.5),
            width=6,
        ),
        lines(
            "Losses of Redis",
            "Rooms that were fenced and made whole because Redis lost data, in the time of one step. Each skips numbers; nobody with a token loses a place. More than one: see what restarts Redis.",
            "short",
            [
                Ask(
                    f"sum by (room) (increase({chosen('onsale_queue_losses_total', BOTH)}[$__rate_interval]))",
                    "room {{room}}",
                )
            ],
            empty="no room is in force",
            limits=Limits(look=0.5),
            width=6,
        ),
    ]


def joins():
    return [
        lines(
            "Joins by outcome",
            "Joins per second by what came of them, of the chosen rooms. Refusals for a full line say that the room's limit of waiting is reached.",
            "suffix: /s",
            [Ask(rate("onsale_queue_joins_total", BOTH, "outcome"), "{{outcome}}")],
            empty="no room is in force",
            stacked=True,
            width=12,
        ),
        lines(
            "In one script",
            "How many joins and claims went to Redis together: half and 99 %. Batches grow with the burst and share one write to disk.",
            "short",
            [
                Ask(quantile(0.5, "onsale_queue_batch_size", COPY, "kind"), "{{kind}} p50"),
                Ask(quantile(0.99, "onsale_queue_batch_size", COPY, "kind"), "{{kind}} p99"),
            ],
            empty="nobody joined or claimed",
            width=12,
        ),
    ]

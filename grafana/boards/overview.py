"""The board that is open on the night: is all well, where does the line stand, and which part is it if not."""

from . import links, wellbeing
from .board import Board, concerts, rooms
from .panels import ACT, CALM, INFORMING, LOOK, Ask, Below, Limits, bars, lines, number, rows
from .promql import highest, known, quantile, rate, share, total

ROOM = 'room=~"$room"'
CONCERT = 'concert=~"$concert"'
HOLDING = 'operation=~"hold|hold_best_available",outcome="done"'
REQUESTS = "http_server_request_duration_seconds"

READING = """
**The big numbers** are green when all is well and red when somebody has to act; blue ones only inform. Read them from the left. Red in *Alerts* says what to do: each alert of the table below names its runbook.

**Which part is it?** Look at *Stores: operations that failed*, *Where the time goes*, *Rooms*, *Copies* and *Requests and retries*, in this order:

| what shows | what it is |
|---|---|
| Redis' operations fail, *Not ready* names the queue's store, joins end in faults, seats are sold on | Redis is gone |
| only *Postgres* and *Catalog* rise in *Where the time goes*, the queue does not | a slow SQL statement; the catalog board says which |
| *Rooms* says paused, the line grows, nobody is let in, nothing fails | somebody paused the room |
| *Copies* says that one is missing, calls are retried for a moment, no faults | a copy is gone, the others carry on |
| requests and *again* tokens rise, refusals by *rate* and *load_shed* rise, new tokens do not | clients retry in a storm |

Refusals are the system at work: who still waits, who wants a taken seat. Faults are ours. **0** means that it was counted and there was none; a text in place of a number means that nothing was there to be counted.
"""


def build():
    board = Board(
        "onsale-overview",
        "Onsale: overview",
        "Where the on-sale stands, and whether somebody has to act.",
        [rooms(), concerts()],
    )
    board.numbers(*numbers()).reading(READING, height=11)
    board.row("Funnel: token → admitted → held → sold", *funnel())
    board.row("The line", *line())
    board.row("Refused", *refused())
    board.row("Objectives", *wellbeing.objectives())
    board.row("What must stay true", *wellbeing.invariants())
    board.row("Which part is it", *wellbeing.parts())
    board.row("Copies, stores and alerts", *wellbeing.health())
    return board.build()


def numbers():
    broken = (
        f"(sum({highest('onsale_catalog_broken_invariants', per='invariant')}) or vector(0))"
        f" + ({total('onsale_queue_order_inversions_total')} or vector(0))"
        f" + (count({highest('onsale_queue_active', per='room')} > {wellbeing.CAPACITY_OF_LATE}) or vector(0))"
    )
    faults = share(rate("onsale_gateway_problems_total", 'kind="fault"'), rate(f"{REQUESTS}_count"))
    return [
        number(
            "Alerts to act on",
            "Critical alerts that fire now. Anything but 0 wants somebody at once: the table of alerts below says what and names the runbook.",
            'count(ALERTS{alertstate="firing",severity="critical"}) or vector(0)',
            "none",
            empty="Prometheus does not answer",
            limits=Limits(act=1),
            decimals=0,
        ),
        number(
            "Broken invariants",
            "Seats sold twice, visitors let in out of turn, and rooms with more sessions than slots, together. Must be 0. Anything else is a bug that costs trust: stop the sale of what the panels of *What must stay true* name.",
            broken,
            "none",
            empty="nothing was looked at",
            limits=Limits(act=1),
            decimals=0,
        ),
        number(
            "Requests that fault",
            "The share of requests that ended in a fault of ours, refusals not counted. Above 0.1 % the objective is missed; above 1 % visitors notice.",
            faults,
            "percentunit",
            empty="no requests",
            limits=Limits(look=0.001, act=0.01),
            links=[links.failed("gateway")],
        ),
        number(
            "Slowest 1 % of requests",
            "99 % of all requests are answered within this, as the gateway measures it. Above 0.5 s pages feel slow; above 2 s clients begin to give up and to retry.",
            known(quantile(0.99, REQUESTS)),
            "s",
            empty="no requests",
            limits=Limits(look=0.5, act=2),
            links=[links.slow("gateway", "500ms")],
        ),
        number(
            "Copies that are away",
            "Scraped processes that do not answer, programs and stores' exporters alike. One away among several is carried by the others; see the table of copies.",
            "count(up == 0) or vector(0)",
            "none",
            empty="Prometheus does not answer",
            limits=Limits(look=1),
            decimals=0,
        ),
        number(
            "Waiting",
            "Visitors in line who have not been called, of the chosen rooms. A number to know; it is bad only while nobody is let in.",
            f"sum({highest('onsale_queue_waiting', ROOM, 'room')})",
            "short",
            empty="no room is in force",
        ),
        number(
            "Let in per second",
            "Called visitors who took their slot, per second. 0 while many wait: the room is paused, full, or stuck; *Rooms* tells which.",
            rate("onsale_queue_claimed_total", ROOM),
            "suffix: /s",
            empty="no room is in force",
            decimals=1,
        ),
        number(
            "Seats sold",
            "Seats whose payment was confirmed in the time that the board shows, of all concerts.",
            total("onsale_catalog_seats_changed_total", 'operation="confirm"'),
            "short",
            empty="the catalog is not scraped",
            decimals=0,
        ),
    ]


def funnel():
    steps = [
        Ask(total("onsale_gateway_tokens_total", 'outcome="new"'), "tokens"),
        Ask(total("onsale_queue_claimed_total", ROOM), "admitted"),
        Ask(total("onsale_catalog_operations_total", HOLDING), "holds"),
        Ask(total("onsale_catalog_operations_total", 'operation="confirm",outcome="done"'), "sales"),
    ]
    pace = [
        Ask(rate("onsale_gateway_tokens_total", 'outcome="new"'), "tokens"),
        Ask(rate("onsale_queue_claimed_total", ROOM), "admitted"),
        Ask(rate("onsale_catalog_operations_total", HOLDING), "holds"),
        Ask(rate("onsale_catalog_operations_total", 'operation="confirm",outcome="done"'), "sales"),
    ]
    return [
        bars(
            "From token to sale",
            "How many came how far in the time that the board shows: new places in line, slots taken, holds made, holds sold. Each step is smaller than the one before. A step near 0 under a large one is where visitors are lost.",
            "short",
            steps,
            empty="nobody came",
            decimals=0,
        ),
        lines(
            "The funnel per second",
            "The same steps as rates. Admitted follows the room's rate; holds and sales follow admitted, some seconds to minutes later. Holds that stay away while visitors are admitted: look at what holds are refused with.",
            "suffix: /s",
            pace,
            empty="nobody came",
        ),
        lines(
            "Seats by state",
            "The seats of the schedules that are watched, of the chosen concerts: the greatest of what the copies say. Held seats come back when holds end; available at 0 is a sold-out house.",
            "short",
            [Ask(f"sum by (state) ({highest('onsale_catalog_seats', CONCERT, 'concert, state')})", "{{state}}")],
            empty="no schedule is watched",
            stacked=True,
            colors={"available": CALM, "held": LOOK, "sold": INFORMING, "blocked": "gray"},
        ),
    ]


def line():
    depth = [
        Ask(f"sum({highest('onsale_queue_waiting', ROOM, 'room')})", "waiting"),
        Ask(f"sum({highest('onsale_queue_ready', ROOM, 'room')})", "ready"),
        Ask(f"sum({highest('onsale_queue_active', ROOM, 'room')})", "active"),
        Ask(f"sum({highest('onsale_queue_capacity', ROOM, 'room')})", "capacity"),
    ]
    kept = "onsale_queue_wait_promises_total"
    return [
        lines(
            "Depth of the line",
            "Visitors waiting, called and without a slot (ready), and with a session (active) against capacity. Active near capacity is a full house at work. Waiting without active: nobody is let in.",
            "short",
            depth,
            empty="no room is in force",
        ),
        lines(
            "Serving and last number",
            "The highest number called in and the highest issued, by room. The gap is the line. Serving that stands still below the last number is a stuck or paused room; it never falls but by a reset.",
            "none",
            [
                Ask(highest("onsale_queue_serving_number", ROOM, "room"), "serving, room {{room}}"),
                Ask(highest("onsale_queue_last_number", ROOM, "room"), "last, room {{room}}"),
            ],
            empty="no room is in force",
            stepped=True,
        ),
        lines(
            "Called per second against the policy",
            "Numbers called in per second against the rate that the room's policy allows. Far below it while visitors wait: slots are full, or ticks are late.",
            "suffix: /s",
            [
                Ask(rate("onsale_queue_released_total", ROOM, "room"), "called, room {{room}}"),
                Ask(highest("onsale_queue_release_rate", ROOM, "room"), "policy, room {{room}}"),
            ],
            empty="no room is in force",
        ),
        rows(
            "Rooms",
            "The mode of each room. Paused and prequeue call nobody, draining gives out no more numbers. A paused room with a long line is a thing that somebody did: ask before resuming.",
            "none",
            f"{highest('onsale_queue_mode', ROOM, 'room, mode')} == 1",
            {"room": "Room", "mode": "Mode", "Value": ""},
            empty="no room is in force",
        ),
        lines(
            "Estimates kept",
            "The share of visitors who were called within the p50 and the p90 that they were told at joining. Kept well: about half of p50, at least 90 % of p90. A p90 far below means that the line is slower than it says.",
            "percentunit",
            [
                Ask(share(rate(kept, 'promise="p50",kept="yes"'), rate(kept, 'promise="p50"')), "p50"),
                Ask(share(rate(kept, 'promise="p90",kept="yes"'), rate(kept, 'promise="p90"')), "p90"),
            ],
            empty="nobody who was given an estimate was called",
            limits=Below(look=0.9),
            most=1,
        ),
        lines(
            "No-shows, late and left",
            "Called visitors whose claim window passed, those who came back within the return window, and those who left the line, per second. Many no-shows after a long wait are normal; a jump means that clients cannot reach the status.",
            "suffix: /s",
            [
                Ask(rate("onsale_queue_no_shows_total", ROOM), "no-shows"),
                Ask(rate("onsale_queue_late_total", ROOM), "late"),
                Ask(rate("onsale_queue_left_total", ROOM), "left"),
            ],
            empty="no room is in force",
        ),
    ]


def refused():
    return [
        lines(
            "Refused by reason",
            "Requests that the gateway turned away before any work, by reason. All of these are by design. load_shed says that there is more to do than can be done; rate says that single clients ask too often.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_refused_total", per="reason"), "{{reason}}")],
            empty="the gateway is not scraped",
            stacked=True,
        ),
        lines(
            "Problems by kind",
            "All problems answered: refusals by design, mistakes of clients, faults of ours. Faults are to be 0; a sudden rise of mistakes after a release of a client is that client's bug.",
            "suffix: /s",
            [Ask(rate("onsale_gateway_problems_total", per="kind"), "{{kind}}")],
            empty="the gateway is not scraped",
            colors={"refusal": INFORMING, "mistake": LOOK, "fault": ACT},
            links=[links.failed("gateway")],
        ),
        rows(
            "Problems answered",
            "How often each problem was answered in the time that the board shows. The names are those of docs/problems.md, which says what each means for a client.",
            "short",
            f"{total('onsale_gateway_problems_total', per='problem, kind')} > 0",
            {"problem": "Problem", "kind": "Kind", "Value": "Times"},
            empty="no problem was answered",
            decimals=0,
        ),
    ]

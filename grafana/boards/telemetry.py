"""Whether the other boards can be believed: scrapes, spans, log lines, rules, and Prometheus itself."""

from .board import Board, copies
from .panels import ACT, CALM, INFORMING, LOOK, Ask, Below, Limits, lines, number, rows
from .promql import highest, rate, summed

OURS = 'job=~"gateway|queue|catalog",instance=~"$instance"'
OWN = 'job="prometheus"'

READING = """
If this board is not green, the others may say nothing, or less than there is.

**Scrapes** fail: a copy is away, or too busy to say how it is. **Spans** are dropped: the receiver of traces is away or slow; requests are not, they do not wait for it. **Rules** that fail or are late: alerts come late or not at all.
"""


def build():
    board = Board(
        "onsale-telemetry",
        "Onsale: telemetry",
        "Whether the other boards can be believed.",
        [copies("gateway|queue|catalog")],
    )
    board.numbers(*numbers()).reading(READING, height=6)
    board.row("Scrapes", *scrapes())
    board.row("Spans and log lines", *spans())
    board.row("Rules and Prometheus", *prometheus())
    board.row("What runs", *versions())
    return board.build()


def numbers():
    return [
        number(
            "Targets that do not answer",
            "Scrape targets that are away. Their panels have gaps.",
            "count(up == 0) or vector(0)",
            "none",
            empty="Prometheus does not answer",
            limits=Limits(look=1),
            width=6,
            decimals=0,
        ),
        number(
            "Spans dropped",
            "Spans per second that were not exported. Traces have holes; requests are not slowed. See the receiver.",
            rate("onsale_telemetry_spans_dropped_total", OURS),
            "suffix: /s",
            empty="no program is scraped",
            limits=Limits(look=0.1),
            width=6,
        ),
        number(
            "Rule evaluations that failed",
            "Evaluations in the time of one step that ended in an error. An alert among them cannot fire.",
            "sum(increase(prometheus_rule_evaluation_failures_total[$__rate_interval])) or vector(0)",
            "short",
            empty="Prometheus does not scrape itself",
            limits=Limits(act=0.5),
            width=6,
            decimals=0,
        ),
        number(
            "Errors logged",
            "Log lines of the level error per second. Each is a handled fault that somebody should read.",
            rate("onsale_log_lines_total", f'{OURS},level="error"'),
            "suffix: /s",
            empty="no program is scraped",
            limits=Limits(look=0.1),
            width=6,
        ),
    ]


def scrapes():
    return [
        rows(
            "Targets",
            "What Prometheus scrapes, and whether it answered (1) or not (0).",
            "none",
            summed("up", per="job, instance"),
            {"job": "Job", "instance": "Target", "Value": "Answers"},
            empty="Prometheus scrapes nothing",
            limits=Below(look=1),
        ),
        lines(
            "How long scrapes take",
            "By job, the slowest. Above a second, or near the interval of 5 s, a program is too busy or has too many series.",
            "s",
            [Ask(highest("scrape_duration_seconds", per="job"), "{{job}}")],
            empty="Prometheus scrapes nothing",
            limits=Limits(look=1, act=4),
        ),
        lines(
            "Samples in a scrape",
            "Samples by job. It is nearly constant: labels are bounded. One that climbs is a label that is not.",
            "short",
            [Ask(highest("scrape_samples_scraped", per="job"), "{{job}}")],
            empty="Prometheus scrapes nothing",
        ),
    ]


def spans():
    return [
        lines(
            "Spans exported and dropped",
            "Spans per second that were handed to the receiver, and that were dropped: the queue was full, or the export failed.",
            "suffix: /s",
            [
                Ask(rate("onsale_telemetry_spans_exported_total", OURS, "job"), "exported by the {{job}}"),
                Ask(
                    rate("onsale_telemetry_spans_dropped_total", OURS, "job, reason"),
                    "dropped by the {{job}}: {{reason}}",
                ),
            ],
            empty="no program is scraped",
        ),
        lines(
            "Exports by outcome",
            "Calls to the receiver of traces per second. Failed alone: it is away.",
            "suffix: /s",
            [Ask(rate("onsale_telemetry_exports_total", OURS, "outcome"), "{{outcome}}")],
            empty="no program is scraped",
            colors={"done": CALM, "failed": LOOK},
        ),
        lines(
            "Log lines by level",
            "Lines per second by level. Requests that go well write none; error and warn name handled faults.",
            "suffix: /s",
            [Ask(rate("onsale_log_lines_total", OURS, "level"), "{{level}}")],
            empty="no program is scraped",
            colors={"error": ACT, "warn": LOOK, "info": INFORMING},
        ),
    ]


def prometheus():
    return [
        lines(
            "Rule evaluations",
            "Evaluations of rules that failed, and rounds that were missed because the one before took too long. Both are to be 0.",
            "suffix: /s",
            [
                Ask("sum(rate(prometheus_rule_evaluation_failures_total[$__rate_interval]))", "failed"),
                Ask("sum(rate(prometheus_rule_group_iterations_missed_total[$__rate_interval]))", "missed"),
            ],
            empty="Prometheus has no rules",
            limits=Limits(look=0.001),
            width=6,
        ),
        lines(
            "How long rules take",
            "The last round of each group against its interval: above 1 rounds are missed.",
            "percentunit",
            [
                Ask(
                    "prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds",
                    "{{rule_group}}",
                )
            ],
            empty="Prometheus has no rules",
            limits=Limits(look=0.5, act=1),
            width=6,
        ),
        lines(
            "Series and samples",
            "Series in memory, and samples that came in per second. Series that climb without new copies or rooms are a label that is not bounded.",
            "short",
            [
                Ask("sum(prometheus_tsdb_head_series)", "series"),
                Ask("sum(rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval]))", "samples per second"),
            ],
            empty="Prometheus does not scrape itself",
            width=6,
        ),
        lines(
            "Prometheus itself",
            "Cores that it uses, and memory in GiB. It runs beside the sale: if it is the largest process, look at the series.",
            "short",
            [
                Ask(rate("process_cpu_seconds_total", OWN), "cores"),
                Ask(f"sum(process_resident_memory_bytes{{{OWN}}}) / 2^30", "GiB"),
            ],
            empty="Prometheus does not scrape itself",
            width=6,
        ),
    ]


def versions():
    return [
        rows(
            "Versions",
            "The programs that are scraped, by version. Two versions of one program: a release is half done.",
            "none",
            "count by (service_name, service_version) (target_info)",
            {"service_name": "Program", "service_version": "Version", "Value": "Copies"},
            empty="no program is scraped",
            width=12,
        ),
        lines(
            "Series that scrapes added",
            "New series in a scrape, by job. After the start it is near 0; a steady stream is a label that takes ever new values.",
            "short",
            [Ask(summed("scrape_series_added", per="job"), "{{job}}")],
            empty="Prometheus scrapes nothing",
            width=12,
        ),
    ]

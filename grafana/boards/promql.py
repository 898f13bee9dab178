"""Expressions that boards are made of, so that each kind of number is asked for in one way.

Counters are shown as rates or as what a time range added to them, never rounded. Percentiles come from summed buckets,
never from other percentiles. Gauges of a room are said by every copy alike, so the greatest is taken; counters are
counted where a thing happened, so they are summed.
"""


def chosen(metric: str, where: str = "") -> str:
    """The series of a metric that the labels choose."""
    return f"{metric}{{{where}}}" if where else metric


def by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def rate(metric: str, where: str = "", per: str = "") -> str:
    """How much of it happens in a second, for each value of the labels `per`."""
    return f"sum{by(per)} (rate({chosen(metric, where)}[$__rate_interval]))"


def total(metric: str, where: str = "", per: str = "") -> str:
    """How much of it happened in the time that the board shows."""
    return f"sum{by(per)} (increase({chosen(metric, where)}[$__range]))"


def highest(metric: str, where: str = "", per: str = "") -> str:
    """What a gauge says that all copies say alike, or the worst of what they say."""
    return f"max{by(per)} ({chosen(metric, where)})"


def summed(metric: str, where: str = "", per: str = "") -> str:
    """What the copies have together."""
    return f"sum{by(per)} ({chosen(metric, where)})"


def quantile(share: float, metric: str, where: str = "", per: str = "") -> str:
    """What this share of a histogram's observations stayed below."""
    labels = f"le, {per}" if per else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', where, labels)})"


def known(expression: str) -> str:
    """The expression, without the values that are no number: a percentile of nothing is none."""
    return f"{expression} >= 0"


def share(part: str, whole: str) -> str:
    """The part in the whole, and nothing where there is no whole."""
    return f"{part} / ({whole} > 0)"


def or_none_of(part: str, whole: str) -> str:
    """The part, and 0 where only the whole is there: a series of failures begins with the first failure."""
    return f"({part} or 0 * {whole})"

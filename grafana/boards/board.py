"""What all boards have: a fixed address, the same variables, the links from one to another, and a row on reading it."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from .panels import SOURCE, page

METRICS = "onsale-prometheus"


def source() -> Any:
    """Where metrics come from."""
    chosen = models.VariableOption(selected=True, text="Prometheus", value=METRICS)
    return dashboard.DatasourceVariable("datasource").label("Metrics").type("prometheus").current(chosen).multi(False)


def values_of(name: str, label: str, metric: str, key: str, says: str) -> Any:
    """A choice of a label's values; all of them to begin with."""
    everything = models.VariableOption(selected=True, text=["All"], value=["$__all"])
    query: dict[str, object] = {
        "qryType": 1,
        "query": f"label_values({metric}, {key})",
        "refId": "PrometheusVariableQueryEditor-VariableQuery",
    }
    chosen = dashboard.QueryVariable(name).label(label).description(says).datasource(SOURCE).query(query)
    chosen = chosen.multi(True).include_all(True).all_value(".*").current(everything)
    chosen = chosen.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    return chosen.sort(models.VariableSort.NATURAL_ASC)


def copies(job: str) -> Any:
    return values_of(
        "instance",
        "Copy",
        f'onsale_process_ready{{job=~"{job}"}}',
        "instance",
        "Copies of the program, by their ops ports",
    )


def rooms() -> Any:
    return values_of("room", "Room", "onsale_queue_waiting", "room", "Waiting rooms, by their ids")


def concerts() -> Any:
    return values_of(
        "concert", "Concert", "onsale_catalog_seats", "concert", "Concerts with watched schedules, by their ids"
    )


def runs() -> Any:
    return values_of("testid", "Load run", "k6_vus", "testid", "Runs of the load generator, by their test ids")


class Board:
    """A board that is being put together, row by row."""

    def __init__(self, uid: str, title: str, says: str, variables: Sequence[Any], *, span: str = "now-30m") -> None:
        board = dashboard.Dashboard(title).uid(uid).description(says).tags(["onsale"]).timezone("browser").readonly()
        board = board.time(span, "now").refresh("10s").tooltip(models.DashboardCursorSync.CROSSHAIR).version(1)
        # An on-sale is over in minutes: the shortest refresh is that of the scrapes.
        board = board.timepicker(dashboard.TimePicker().refresh_intervals(["5s", "10s", "30s", "1m", "5m"]))
        for variable in (source(), *variables):
            board = board.with_variable(variable)
        others = dashboard.DashboardLink("Boards").type(models.DashboardLinkType.DASHBOARDS).tags(["onsale"])
        others = others.include_vars(True).keep_time(True).tooltip("The other boards, of the same time")
        self.board = board.link(others.as_dropdown(False).icon("external link").target_blank(False))

    def numbers(self, *panels: Any) -> "Board":
        """What stands on top: the few numbers that say whether to read on."""
        for panel in panels:
            self.board = self.board.with_panel(panel)
        return self

    def reading(self, markdown: str, *, height: int = 8) -> "Board":
        """How to read the board: one line until it is opened."""
        row = dashboard.Row("How to read this board").collapsed(True)
        self.board = self.board.with_row(row.with_panel(page("How to read this board", markdown, height=height)))
        return self

    def row(self, title: str, *panels: Any) -> "Board":
        self.board = self.board.with_row(dashboard.Row(title).collapsed(False))
        for panel in panels:
            self.board = self.board.with_panel(panel)
        return self

    def build(self) -> models.Dashboard:
        """The board, its panels numbered in their order, so that links to single panels stay."""
        built = self.board.build()
        for variable in built.templating.list_val or []:
            # The SDK gives every variable what only those of intervals have, and the schema of dashboards refuses it.
            variable.auto = variable.auto_min = variable.auto_count = None
        number = 0
        for panel in built.panels or []:
            number += 1
            panel.id_val = number
            for inner in getattr(panel, "panels", None) or []:
                number += 1
                inner.id_val = number
        return built

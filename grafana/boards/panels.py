"""The kinds of panels that boards are made of. Each has a title, what it says and what is bad, a unit, and a text for
when there is nothing to show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import heatmap as heatmaps
from grafana_foundation_sdk.models import prometheus as queries
from grafana_foundation_sdk.models import text as texts

SOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
CALM, INFORMING, LOOK, ACT = "green", "blue", "orange", "red"


@dataclass(frozen=True)
class Ask:
    """One expression, and what its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Limits:
    """From which value on somebody looks, and from which on somebody acts. Nobody acts on what has no such value."""

    look: float | None = None
    act: float | None = None

    def build(self) -> models.ThresholdsConfig:
        named = self.look is not None or self.act is not None
        steps = [models.Threshold(value=None, color=CALM if named else INFORMING)]
        for value, color in ((self.look, LOOK), (self.act, ACT)):
            if value is not None:
                steps.append(models.Threshold(value=value, color=color))
        return models.ThresholdsConfig(mode=models.ThresholdsMode.ABSOLUTE, steps=steps)


@dataclass(frozen=True)
class Below(Limits):
    """The same where less is worse: below `act` somebody acts, below `look` somebody looks."""

    def build(self) -> models.ThresholdsConfig:
        steps = [models.Threshold(value=None, color=ACT if self.act is not None else LOOK)]
        if self.act is not None:
            steps.append(models.Threshold(value=self.act, color=CALM if self.look is None else LOOK))
        if self.look is not None:
            steps.append(models.Threshold(value=self.look, color=CALM))
        return models.ThresholdsConfig(mode=models.ThresholdsMode.ABSOLUTE, steps=steps)


NO_LIMITS = Limits()


def framed(panel: Any, title: str, says: str, unit: str, empty: str, limits: Limits, size: tuple[int, int]) -> Any:
    panel = panel.title(title).description(says).unit(unit).no_value(empty).datasource(SOURCE)
    return panel.thresholds(limits).span(size[0]).height(size[1])


def asked(
    panel: Any, asks: Sequence[Ask], *, instant: bool = False, shape: queries.PromQueryFormat | None = None
) -> Any:
    for ref_id, ask in zip("ABCDEFGHIJ", asks, strict=False):
        query = prometheus.Dataquery().ref_id(ref_id).expr(ask.expr).datasource(SOURCE)
        query = query.editor_mode(queries.QueryEditorMode.CODE)
        query = query.instant() if instant else query.range()
        if ask.legend:
            query = query.legend_format(ask.legend)
        if shape is not None:
            query = query.format(shape)
        panel.with_target(query)
    return panel


def last(values: bool = False) -> Any:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(values).fields("")


def number(
    title: str,
    says: str,
    expr: str,
    unit: str,
    *,
    empty: str,
    limits: Limits = NO_LIMITS,
    width: int = 3,
    decimals: int | None = None,
    instant: bool = False,
    legend: str = "",
    links: Sequence[Any] = (),
) -> Any:
    """A big number. It has a colour of alarm only where there is something to do."""
    panel = framed(stat.Panel(), title, says, unit, empty, limits, (width, 4))
    panel = panel.reduce_options(last()).graph_mode(
        kinds.BigValueGraphMode.NONE if instant else kinds.BigValueGraphMode.AREA
    )
    panel = panel.color_mode(kinds.BigValueColorMode.VALUE).justify_mode(kinds.BigValueJustifyMode.CENTER)
    panel = panel.text_mode(kinds.BigValueTextMode.VALUE_AND_NAME if legend else kinds.BigValueTextMode.VALUE)
    panel = panel.wide_layout(True).orientation(kinds.VizOrientation.AUTO)
    panel = panel.show_percent_change(False).percent_change_color_mode(kinds.PercentChangeColorMode.STANDARD)
    panel = panel.data_links(list(links))
    if decimals is not None:
        panel = panel.decimals(decimals)
    return asked(panel, [Ask(expr, legend)], instant=instant)


def lines(
    title: str,
    says: str,
    unit: str,
    asks: Sequence[Ask],
    *,
    empty: str,
    limits: Limits = NO_LIMITS,
    width: int = 8,
    height: int = 8,
    stacked: bool = False,
    stepped: bool = False,
    most: float | None = None,
    links: Sequence[Any] = (),
    colors: dict[str, str] | None = None,
) -> Any:
    """Something over time."""
    panel = framed(timeseries.Panel(), title, says, unit, empty, limits, (width, height))
    legend = common.VizLegendOptions().show_legend(True).placement(kinds.LegendPlacement.BOTTOM)
    panel = panel.legend(legend.display_mode(kinds.LegendDisplayMode.LIST).calcs([]))
    panel = panel.tooltip(
        common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
    )
    panel = panel.line_width(1).fill_opacity(40 if stacked else 5).show_points(kinds.VisibilityMode.AUTO)
    # A gap is a time in which nothing was scraped, and stays one.
    panel = panel.span_nulls(False).min(0).data_links(list(links))
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    if stepped:
        panel = panel.line_interpolation(kinds.LineInterpolation.STEP_AFTER)
    if limits is not NO_LIMITS:
        style = common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
        panel = panel.thresholds_style(style)
    if most is not None:
        panel = panel.max(most)
    for name, color in (colors or {}).items():
        fixed = models.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": color})
        panel = panel.override_by_name(name, [fixed])
    color = dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
    return asked(panel.color_scheme(color), asks)


def bars(
    title: str,
    says: str,
    unit: str,
    asks: Sequence[Ask],
    *,
    empty: str,
    limits: Limits = NO_LIMITS,
    width: int = 8,
    height: int = 8,
    decimals: int | None = None,
) -> Any:
    """A few amounts beside one another, of the time that the board shows or of its end."""
    panel = framed(bargauge.Panel(), title, says, unit, empty, limits, (width, height))
    panel = panel.orientation(kinds.VizOrientation.HORIZONTAL).display_mode(kinds.BarGaugeDisplayMode.BASIC)
    panel = panel.reduce_options(last()).show_unfilled(True).min(0).value_mode(kinds.BarGaugeValueMode.TEXT)
    panel = panel.name_placement(kinds.BarGaugeNamePlacement.LEFT).sizing(kinds.BarGaugeSizing.AUTO)
    legend = common.VizLegendOptions().show_legend(False).placement(kinds.LegendPlacement.BOTTOM)
    panel = panel.legend(legend.display_mode(kinds.LegendDisplayMode.LIST).calcs([]))
    if decimals is not None:
        panel = panel.decimals(decimals)
    return asked(panel, asks, instant=True)


def rows(
    title: str,
    says: str,
    unit: str,
    expr: str,
    columns: dict[str, str],
    *,
    empty: str,
    limits: Limits = NO_LIMITS,
    width: int = 8,
    height: int = 8,
    decimals: int | None = None,
) -> Any:
    """A table of the end of the time shown: these labels under these names, and the value, the greatest first.

    A value without a name (`"Value": ""`) is left out, for what is only there or not."""
    panel = framed(table.Panel(), title, says, unit, empty, limits, (width, height))
    panel = panel.show_header(True).cell_height(kinds.TableCellHeight.SM).frame_index(0)
    names = {label: name for label, name in columns.items() if name}
    hidden = {label: True for label, name in columns.items() if not name} | {"Time": True, "__name__": True}
    order = {label: place for place, label in enumerate(names)}
    only = {"include": {"pattern": f"^({'|'.join(columns)})$"}}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="filterFieldsByName", options=only))
    shown = {"excludeByName": hidden, "renameByName": names, "indexByName": order}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=shown))
    if columns.get("Value"):
        panel = panel.sort_by([common.TableSortByFieldState().display_name(columns["Value"]).desc(True)])
        coloured = models.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"})
        panel = panel.override_by_name(columns["Value"], [coloured])
    if decimals is not None:
        panel = panel.decimals(decimals)
    return asked(panel, [Ask(expr)], instant=True, shape=queries.PromQueryFormat.TABLE)


def heat(
    title: str, says: str, expr: str, *, empty: str, width: int = 8, height: int = 8, links: Sequence[Any] = ()
) -> Any:
    """How many there were of each duration, over time. It shows what a percentile hides: two kinds of requests."""
    panel = framed(heatmap.Panel(), title, says, "s", empty, NO_LIMITS, (width, height))
    scheme = heatmap.HeatmapColorOptions().mode(heatmaps.HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    scheme = scheme.scale(heatmaps.HeatmapColorScale.EXPONENTIAL).exponent(0.5).fill("dark-orange").reverse(False)
    panel = panel.color(scheme).calculate(False).cell_gap(1).y_axis(heatmap.YAxisConfig().unit("s"))
    panel = panel.filter_values(heatmap.FilterValueRange().le(1e-9)).mode(kinds.TooltipDisplayMode.SINGLE)
    panel = panel.cell_values(heatmap.CellValues().unit("short")).data_links(list(links))
    return asked(panel, [Ask(expr, "{{le}}")], shape=queries.PromQueryFormat.HEATMAP)


def page(title: str, markdown: str, *, width: int = 24, height: int = 7) -> Any:
    """Text."""
    panel = text.Panel().title(title).description("What the panels of this board say, and how to go on from them.")
    return panel.mode(texts.TextMode.MARKDOWN).content(markdown.strip()).span(width).height(height)

"""Links from a point of a panel to the traces of that time.

The programs' metrics have no exemplars, so a link cannot lead to the one request behind a point. It leads to a search
for slow spans of the program in the time that the board shows.
"""

import json
from urllib.parse import quote

TEMPO = "onsale-tempo"


class DataLink:
    """A link of a field. The SDK's own link is a dashboard's, with more keys than a field's link has."""

    def __init__(self, title: str, url: str) -> None:
        self.link = {"title": title, "url": url, "targetBlank": True}

    def build(self) -> dict[str, object]:
        return self.link


def slow(program: str, longer_than: str, more: str = "") -> DataLink:
    """The program's spans that took longer. `more` is a condition of TraceQL, and may name the series' labels."""
    conditions = [f'resource.service.name = "onsale-{program}"', f"duration > {longer_than}"]
    conditions += [more] if more else []
    return DataLink(f"Spans of the {program} longer than {longer_than}", explore(" && ".join(conditions)))


def failed(program: str) -> DataLink:
    """The program's spans that ended in an error."""
    condition = f'resource.service.name = "onsale-{program}" && status = error'
    return DataLink(f"Spans of the {program} that failed", explore(condition))


def explore(condition: str) -> str:
    query = {
        "refId": "A",
        "datasource": {"type": "tempo", "uid": TEMPO},
        "queryType": "traceql",
        "query": f"{{ {condition} }}",
        "limit": 20,
    }
    span = {"from": "${__from}", "to": "${__to}"}
    panes = {"traces": {"datasource": TEMPO, "queries": [query], "range": span}}
    # Grafana fills in variables by their plain spelling, so these characters stay as they are.
    text = quote(json.dumps(panes, separators=(",", ":")), safe="${}_:,")
    return f"/explore?schemaVersion=1&orgId=1&panes={text}"

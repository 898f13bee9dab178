"""Writes every board into a folder, as the JSON that Grafana is provisioned with."""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from . import catalog, gateway, load, overview, queue, resources, telemetry


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for module in (overview, gateway, queue, catalog, resources, load, telemetry):
        board = module.build()
        text = json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        (folder / f"{board.uid}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

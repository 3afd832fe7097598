"""`python -m benchmarks.forecasting`: our models beside seasonal naive on one panel."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

import demo
from benchmarks import report
from forecasting.__main__ import read_panel
from forecasting.frame import PanelSpec

METRICS = ("wape", "mase", "rmsse", "bias", "coverage_80", "width_80")
COSTS = ("seconds", "cpu_seconds")


def demo_panel() -> pd.DataFrame:
    """Return the demo's sales with `promo` and the share of bad reviews that arrived each day."""
    made = demo.generate(seed=7)
    day = pd.to_datetime(made.reviews["created_at"]).dt.strftime("%Y-%m-%d")
    bad = (made.reviews["rating"] <= 2).groupby([made.reviews["product_id"], day]).mean().rename("negative")
    sales = made.sales.assign(date=pd.to_datetime(made.sales["date"]).dt.strftime("%Y-%m-%d"))
    panel = sales.join(bad, on=["product_id", "date"]).fillna({"negative": 0.0})
    names = {"product_id": "unique_id", "date": "ds", "units": "y"}
    return panel.rename(columns=names)[["unique_id", "ds", "y", "promo", "negative"]]


def backtest(panel: Path, options: Mapping[str, str], folder: Path) -> dict[str, object]:
    """Run the command that users run and return its report."""
    words = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    command = [
        sys.executable,
        "-m",
        "forecasting",
        "backtest",
        str(panel),
        *words,
        "--level",
        "80",
        "95",
        "-o",
        str(folder),
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    content = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return content | {"cpu_seconds": cpu}


def rows_of(content: Mapping[str, object]) -> list[dict[str, object]]:
    """Return one row a model; the costs of the whole command stand beside the service."""
    rows = []
    for name, values in content["models"].items():
        costs = {key: content[key] if name == "Fengping" else None for key in COSTS}
        rows.append({"model": name, **{key: values.get(key) for key in METRICS}, **costs})
    return rows


def with_peers(panel: Path, options: Mapping[str, str], names: Sequence[str]) -> list[dict[str, object]]:
    """Run other libraries on the same windows; they are installed by ``make bench-peers``.

    Each takes minutes, so a row is kept as soon as it is known: a later run with the same options goes on
    where this one stopped.
    """
    from benchmarks.forecasting.compare import PEERS, compare

    path = report.RESULTS / f"forecasting-peers-{name_of(panel)}.json"
    path.parent.mkdir(exist_ok=True)
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    rows = kept["rows"] if kept.get("options") == options else {}
    spec = PanelSpec(future=tuple(filter(None, options["future"].split(","))))
    frame = read_panel(panel, spec)
    for name in [name for name in names or PEERS if name not in rows]:
        rows[name] = compare(frame, spec, int(options["horizon"]), int(options["windows"]), name)
        path.write_text(json.dumps({"options": options, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    return [
        {"model": name, **{key: row.get(key) for key in (*METRICS, *COSTS)}} for name, row in rows.items()
    ]


def name_of(panel: Path) -> str:
    """Return a panel's name without its endings."""
    return panel.name.partition(".")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the backtest and write its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting", description=__doc__)
    parser.add_argument("--panel", type=Path, help="CSV with unique_id, ds, y; default: the demo's sales")
    parser.add_argument("--horizon", default="14")
    parser.add_argument("--windows", default="3")
    parser.add_argument("--future", default="")
    parser.add_argument("--past", default="")
    parser.add_argument(
        "--peers", nargs="*", help="other libraries on the same windows: names, or none for all"
    )
    options = vars(parser.parse_args(arguments))
    panel, peers = options.pop("panel"), options.pop("peers")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if panel is None:
            panel = folder / "demo.csv"
            demo_panel().to_csv(panel, index=False)
            options |= {"future": "promo", "past": "negative"}
        content = backtest(panel, options, folder)
        others = [] if peers is None else with_peers(panel, options, peers)
    about = {"data": panel.name, "options": options, "seconds": content["seconds"]}
    rows = sorted([*rows_of(content), *others], key=lambda row: row["wape"])
    report.write(f"forecasting-{name_of(panel)}", rows, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())

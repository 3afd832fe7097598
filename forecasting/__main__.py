"""python -m forecasting backtest|forecast|lift|lags|prepare|tune: everything on a CSV, without a database."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from forecasting import prepare_command, tune_command
from forecasting.backtest import window_starts
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lags import MOST, measure_lags
from forecasting.lift import measure_lift
from forecasting.panel_file import read_panel
from forecasting.scenario import Scenario
from forecasting.scores import without_nan
from forecasting.service import Fengping

SUFFIX = "past"
Run = Callable[[pd.DataFrame, PanelSpec, argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 2 for input that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        spec = PanelSpec(options.freq, options.future, options.past, options.static)
        if options.run is prepare_command.run and options.undo:
            prepare_command.undo(options)
        else:
            options.run(read_panel(options.panel, spec), spec, options)
    except (PanelError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def backtest(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write ``cv.csv`` and ``report.json``."""
    started = time.monotonic()
    panel = validate_panel(df, spec)
    window_starts(Grid.from_frame(panel, spec).length, options.horizon, options.windows)
    service = _service(spec, options).fit(df, spec)
    options.output.mkdir(parents=True, exist_ok=True)
    service.cv_.to_csv(options.output / "cv.csv", index=False)
    report = {"seconds": round(time.monotonic() - started, 1), "windows": options.windows, **service.report()}
    _write_json(options.output / "report.json", report)


def forecast(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write the forecast of the days after the last one with sales."""
    validate_panel(df, spec, horizon=options.horizon)
    service = _service(spec, options).fit(df, spec)
    for note in service.notes_:
        print(f"note: {note}", file=sys.stderr)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.scenario is None:
        service.predict().to_csv(options.output, index=False)
        return
    ahead, warnings = service.what_if(Scenario.from_json(options.scenario, spec.future))
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    ahead.to_csv(options.output, index=False)


def lift(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write what the past columns are worth."""
    grid = Grid.from_frame(validate_panel(df, spec), spec)
    window_starts(grid.length, options.horizon, options.windows)
    result = measure_lift(grid, spec.past, options.horizon, options.windows)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    _write_json(options.output, result)


def lags(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write by how many days the past columns lead sales."""
    grid = Grid.from_frame(validate_panel(df, spec), spec)
    result = measure_lags(grid, spec.past, options.most)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    _write_json(options.output, result)


def _service(spec: PanelSpec, options: argparse.Namespace) -> Fengping:
    return Fengping(
        h=options.horizon,
        level=options.level,
        n_windows=options.windows,
        models=options.models,
        sentiment=spec.past,
        seed=options.seed,
        suffix=SUFFIX,
    )


def _write_json(path: Path, content: dict[str, object]) -> None:
    text = json.dumps(without_nan(content), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _columns(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _json_object(text: str) -> dict[str, object]:
    values = json.loads(text)
    if not isinstance(values, dict):
        raise argparse.ArgumentTypeError("must be a JSON object")
    return values


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _level(text: str) -> int:
    value = int(text)
    if not 0 < value < 100:
        raise argparse.ArgumentTypeError("must be between 1 and 99")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m forecasting", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="backtest|forecast|lift|lags|prepare|tune")
    runs = {"backtest": backtest, "forecast": forecast, "lift": lift, "prepare": prepare_command.run}
    for name, run in runs.items():
        horizon, windows = (7, 8) if name == "lift" else (14, 3)
        command = _common(commands.add_parser(name, help=run.__doc__), run)
        command.add_argument("--horizon", type=_count, default=horizon, help="days ahead")
        command.add_argument("--windows", type=_count, default=windows, help="backtest windows")
        command.add_argument("--level", type=_level, nargs="+", default=[80, 95], help="bands in per cent")
        command.add_argument("--models", type=_columns, default="auto", help="auto, or names by comma")
        command.add_argument("--seed", type=int, default=0)
        if run is forecast:
            example = '{"price": 39, "holiday": true, "from": "2026-11-01"}'
            command.add_argument("--scenario", type=_json_object, help=f"what if: {example}")
        if name == "prepare":
            prepare_command.add_options(command)
    command = _common(commands.add_parser(lags.__name__, help=lags.__doc__), lags)
    command.add_argument("--most", type=_count, default=MOST, help="longest lag in days")
    tune_command.add_options(
        _common(commands.add_parser("tune", help=tune_command.run.__doc__), tune_command.run)
    )
    return parser


def _common(command: argparse.ArgumentParser, run: Run) -> argparse.ArgumentParser:
    """Add what all commands take."""
    command.set_defaults(run=run)
    command.add_argument("panel", type=Path, help="CSV or csv.gz: unique_id, ds, y and further columns")
    command.add_argument("--freq", default="D", help="D: daily")
    command.add_argument("--future", type=_columns, default=(), help="columns known ahead, by comma")
    command.add_argument("--past", type=_columns, default=(), help="columns known afterwards, by comma")
    command.add_argument("--static", type=_columns, default=(), help="columns that never change, by comma")
    command.add_argument("-o", "--output", type=Path, required=True, help="folder, or file")
    return command


if __name__ == "__main__":
    sys.exit(main())

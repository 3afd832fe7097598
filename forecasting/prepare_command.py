"""python -m forecasting prepare: change a panel in visible steps, measure them, and take them back."""

import argparse
import json
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting import ledger
from forecasting.errors import PanelError, TooShortError
from forecasting.frame import PanelSpec, last_day, read_rows
from forecasting.preparation import prepare, read_steps
from forecasting.preparation_effect import MODELS, compare_steps
from forecasting.scores import without_nan

NOTE = "each step alone, scored against the sales as given; verdict by the Diebold-Mariano test at 5%"


def run(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write ``prepared.csv``, ``ledger.csv`` and ``report.json`` into a folder."""
    rows = read_rows(df, spec)
    training = last_day(rows) - pd.Timedelta(days=options.horizon * options.windows)
    steps, compared = (read_steps(text, options.seed, training) for text in (options.steps, options.compare))
    if not steps + compared:
        raise PanelError("no step was given: --steps gaps=seasonal,outliers=iqr,…")
    kinds = [type(step) for step in steps]
    twice = sorted({step.name for step in steps if kinds.count(type(step)) > 1})
    if twice:
        raise PanelError(f"a step can be taken in one way only, not {' and '.join(twice)}: use --compare")
    frame, changes = prepare(rows, spec, steps)
    models = MODELS if options.models == ("auto",) else options.models
    effect, note = [], NOTE
    try:
        effect = compare_steps(
            rows, spec, options.horizon, steps + compared, options.windows, models, options.seed
        )
    except TooShortError as error:
        note = f"no effect was measured: {error}"
    ledger.write(frame, changes, options.output)
    report = {"steps": [step.name for step in steps], **summary(changes), "effect": effect, "note": note}
    text = json.dumps(without_nan(report), ensure_ascii=False, indent=1, allow_nan=False)
    (options.output / "report.json").write_text(text + "\n", encoding="utf-8")


def undo(options: argparse.Namespace) -> None:
    """Write the panel as it was before ``prepare``."""
    frame = ledger.undo(*ledger.read(options.panel, options.undo))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(options.output, index=False)


def summary(changes: pd.DataFrame) -> dict[str, Any]:
    """Count what was changed, by step and reason, and the units that stock-outs are thought to have cost."""
    counts = changes.groupby(["step", "change", "column", "reason"], sort=False)
    done = [
        dict(zip(("step", "change", "column", "reason"), key, strict=True))
        | {"cells": len(part), "series": int(part["unique_id"].nunique())}
        for key, part in counts
    ]
    estimated = changes[changes["step"].str.startswith("stockouts=") & (changes["column"] == "y")]
    lost = estimated["after"].astype(float) - estimated["before"].astype(float).fillna(0.0)
    return {"changes": done, "lost_units": float(lost.sum())}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that only this command has."""
    command.add_argument("--steps", default="", help="such as gaps=seasonal,outliers=iqr:unknown")
    command.add_argument("--compare", default="", help="steps that are only measured, not taken")
    command.add_argument(
        "--undo", type=Path, metavar="LEDGER", help="take back what the ledger of a prepared panel says"
    )

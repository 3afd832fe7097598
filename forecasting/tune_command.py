"""python -m forecasting tune: which parameters of a model forecast a panel best."""

import argparse
import json
from dataclasses import asdict

import pandas as pd

from forecasting import catalogue
from forecasting.errors import PanelError
from forecasting.frame import PanelSpec
from forecasting.scores import without_nan

METHODS = ("grid", "random", "bayes")


def run(df: pd.DataFrame, spec: PanelSpec, options: argparse.Namespace) -> None:
    """Write which parameters forecast best, all that was tried, and what they are worth later."""
    from forecasting.search import search  # optuna takes a while to import
    from forecasting.search_space import SPACES

    if options.model not in SPACES:
        raise PanelError(f"no space to search for {options.model!r}; there are: {', '.join(SPACES)}")
    default = catalogue.build(options.model, options.horizon, (), "", options.seed)
    result = search(
        lambda **params: type(default)(**default.params() | params),
        SPACES[options.model],
        df,
        spec,
        options.horizon,
        method=options.method,
        trials=options.trials,
        n_windows=options.windows,
        seed=options.seed,
    )
    asked = {name: getattr(options, name) for name in ("model", "method", "horizon", "seed")}
    text = json.dumps(without_nan(asked | asdict(result)), ensure_ascii=False, indent=1, allow_nan=False)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(text + "\n", encoding="utf-8")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that only this command has."""
    command.add_argument("--model", default="Trees", help="a model with a space: Trees, Regression, LSTM …")
    command.add_argument("--method", choices=METHODS, default="bayes")
    command.add_argument("--trials", type=int, default=20, help="parameters to try beside the defaults")
    command.add_argument("--horizon", type=int, default=14, help="days ahead")
    command.add_argument("--windows", type=int, default=3, help="windows that a trial is judged on")
    command.add_argument("--seed", type=int, default=0)

"""Which parameters forecast best: a search on earlier windows, judged on later ones."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
import pandas as pd

from forecasting.backtest import run_backtest, window_starts
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.model import Forecaster
from forecasting.search_space import Space

METHODS = ("grid", "random", "bayes")
LATER = 2
Make = Callable[..., Forecaster]


@dataclass(frozen=True)
class SearchResult:
    """What was tried, what won, and what that is worth later.

    Attributes
    ----------
    best : dict
        The parameters with the lowest error over the inner windows; empty where nothing beat the defaults.
    log : list of dict
        Per trial ``trial, params, wape`` (per inner window), ``error`` (over all of them), ``seconds`` and
        ``state`` (complete or failed, with the ``reason``). Trial 0 has the defaults.
    default, chosen : lists of float
        WAPE of the defaults and of ``best`` in the windows after the inner ones.
    gain : float
        Share of the default's error that the chosen parameters save over those windows; below 0 they cost.
        NaN where the default makes none.
    """

    best: dict[str, Any]
    log: list[dict[str, Any]]
    default: list[float]
    chosen: list[float]
    gain: float


def search(
    make: Make,
    space: Space,
    data: Grid | pd.DataFrame,
    spec: PanelSpec,
    h: int,
    method: str = "bayes",
    trials: int = 20,
    n_windows: int = 3,
    seed: int = 0,
) -> SearchResult:
    """Look for parameters that forecast better than a model's own.

    Time is split twice: each trial is judged on ``n_windows`` inner windows; the winner is then compared with
    the defaults on the two windows after them, which no trial has seen, so the gain is not that of the
    luckiest of many (Cawley & Talbot, 2010).

    Parameters
    ----------
    make : callable
        Builds a model from parameters by name; without any, the default one.
    space : mapping
        Parameter -> the values it may take; see `forecasting.search_space.SPACES`.
    data : Grid or DataFrame
        The panel.
    spec : PanelSpec
        Its declared columns.
    h : int
        Days per window.
    method : str
        ``grid`` (at most ``trials`` points of it, in random order), ``random`` (Bergstra & Bengio, 2012) or
        ``bayes`` (tree-structured Parzen estimators: Bergstra et al., 2011; Akiba et al., 2019).
    trials : int
        Parameters to try beside the defaults.
    n_windows : int
        Inner windows.
    seed : int
        Seed of the choice of parameters.

    Raises
    ------
    PanelError
        For an unknown method, no trials, or a panel too short for the windows.
    """
    if trials < 1:
        raise PanelError(f"trials must be at least 1, not {trials}")
    sampler = _sampler(method, space, seed)
    grid = data if isinstance(data, Grid) else Grid.from_frame(validate_panel(data, spec), spec)
    inner = grid.until(window_starts(grid.length, h, n_windows + LATER)[n_windows])
    log = [_try(make, {}, inner, h, n_windows)]

    def objective(trial: optuna.Trial) -> float:
        params = {name: dimension.suggest(trial, name) for name, dimension in space.items()}
        log.append(_try(make, params, inner, h, n_windows))
        if log[-1]["state"] == "failed":
            raise optuna.TrialPruned
        return float(log[-1]["error"])

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.create_study(sampler=sampler).optimize(objective, n_trials=trials)
    log = [{"trial": number} | row for number, row in enumerate(log)]
    done = [row for row in log if row["state"] == "complete"]
    best = min(done, key=lambda row: row["error"])["params"] if done else {}
    default = _wapes(make(), grid, h, LATER)
    chosen = _wapes(make(**best), grid, h, LATER) if best else default
    gain = 1 - chosen[1] / default[1] if default[1] > 0 else float("nan")
    return SearchResult(best, log, default[0], chosen[0], gain)


def _sampler(method: str, space: Space, seed: int) -> optuna.samplers.BaseSampler:
    if method == "grid":
        return optuna.samplers.GridSampler({name: part.steps() for name, part in space.items()}, seed=seed)
    if method == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if method == "bayes":
        return optuna.samplers.TPESampler(seed=seed)
    raise PanelError(f"unknown method {method!r}; there are: {', '.join(METHODS)}")


def _try(make: Make, params: dict[str, Any], grid: Grid, h: int, n_windows: int) -> dict[str, Any]:
    """Measure parameters; a model that breaks on them costs only its own trial."""
    started = time.monotonic()
    row: dict[str, Any] = {"params": params, "wape": [], "error": None, "state": "complete", "reason": ""}
    try:
        row["wape"], row["error"] = _wapes(make(**params), grid, h, n_windows)
    except (ValueError, ArithmeticError, RuntimeError) as error:
        row |= {"state": "failed", "reason": f"{type(error).__name__}: {error}"}
    return row | {"seconds": round(time.monotonic() - started, 2)}


def _wapes(model: Forecaster, grid: Grid, h: int, n_windows: int) -> tuple[list[float], float]:
    """Return the WAPE of each of the last windows, and of all of them."""
    backtest = run_backtest([model], grid, h, n_windows, calibration=0)
    errors = np.abs(backtest.errors(model.alias, slice(None)))
    sold = np.where(np.isfinite(errors), backtest.y, 0.0).sum(axis=(1, 2))
    missed = np.nansum(errors, axis=(1, 2))
    if not sold.sum() > 0:
        raise PanelError(f"nothing was sold in the last {n_windows} windows, so errors have no measure")
    return [float(value) for value in missed / np.where(sold > 0, sold, np.nan)], float(
        missed.sum() / sold.sum()
    )

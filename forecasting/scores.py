"""Scores of a backtest, per model and per series, ready for JSON."""

import math
from typing import Any

import numpy as np
import pandas as pd

from forecasting.backtest import Backtest
from forecasting.metrics import covered, evaluate


def score(backtest: Backtest, alias: str, row: int | None = None) -> dict[str, float]:
    """Measure a model over the reported windows.

    Parameters
    ----------
    backtest : Backtest
        With forecasts and bands of the model.
    alias : str
        The model.
    row : int, optional
        One series; all by default.

    Returns
    -------
    dict
        See `forecasting.metrics.evaluate`; empty for a series without history at every cutoff.
    """
    series = slice(None) if row is None else slice(row, row + 1)
    windows = backtest.reported
    known = backtest.known[windows][:, series, None]
    bands = {
        value: (low[windows][:, series], high[windows][:, series])
        for value, (low, high) in backtest.bands[alias].items()
    }
    yhat = np.where(known, backtest.yhat[alias][windows][:, series], np.nan)
    scales = backtest.mae[windows][:, series], backtest.mse[windows][:, series]
    return evaluate(backtest.y[windows][:, series], yhat, *scales, bands)


def by_series(backtest: Backtest) -> pd.DataFrame:
    """Measure every model on every series: ``unique_id, model`` and the measures."""
    rows = [
        {"unique_id": uid, "model": alias, **score(backtest, alias, row)}
        for row, uid in enumerate(backtest.grid.ids)
        for alias in backtest.yhat
    ]
    return pd.DataFrame(rows)


def by_day(backtest: Backtest, alias: str) -> dict[int, list[float]]:
    """Return per level the share of sales inside the band on each day of the horizon, (h,)."""
    windows = backtest.reported
    known = np.isfinite(backtest.errors(alias, windows))
    shares = {}
    for value, (low, high) in backtest.bands[alias].items():
        inside = np.where(known, covered(backtest.y[windows], low[windows], high[windows]), 0.0)
        share = inside.sum(axis=(0, 1)) / np.maximum(known.sum(axis=(0, 1)), 1)
        shares[value] = [float(day) for day in share]
    return shares


def without_nan(value: Any) -> Any:
    """Replace what JSON cannot say by None, at any depth."""
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""What a product will sell that never sold: what alike products do, and how far these are apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import nbinom

from forecasting.analogues import Analogues
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid

UNKNOWN = 1.0
"""Variance of the logarithm of the level of one more product, of which nothing is known: a factor e."""


def forecast_unsold(
    df: pd.DataFrame, spec: PanelSpec, unique_id: str, h: int, level: Sequence[int] = (80, 95)
) -> pd.DataFrame:
    """Forecast the first ``h`` days of a series without any known ``y`` from the other series of a panel.

    The forecast is the prior of `forecasting.analogues.Analogues`. A day's sales are taken to be negative
    binomial around it, as variable as the levels of alike products differ and as sales of a day are restless;
    no backtest has corrected this band. Few other products tell little of how far they are apart, so one more
    is pretended, which is a factor e away.

    Parameters
    ----------
    df : DataFrame
        Long panel, see `forecasting.frame.validate_panel`, with ``h`` known days ahead.
    spec : PanelSpec
        Its declared columns.
    unique_id : str
        The series.
    level : sequence of int
        Bands in per cent.

    Returns
    -------
    DataFrame
        ``unique_id, ds, model, yhat, lo-80, hi-80, …``, h rows.

    Raises
    ------
    PanelError
        When the series is not there, or has sold.
    """
    grid = Grid.from_frame(validate_panel(df, spec, horizon=h), spec)
    if unique_id not in grid.ids:
        raise PanelError(f"unknown ids: {unique_id}")
    row = grid.ids.index(unique_id)
    if np.isfinite(grid.y[row]).any():
        raise PanelError(f"{unique_id} has sales: a service forecasts it from its own days")
    model = Analogues().fit_grid(grid)
    yhat = model.forecast_grid(grid.take([row]), h)[0]
    found: dict[str, Any] = {
        "unique_id": unique_id,
        "ds": grid.days(h)[-h:],
        "model": model.alias,
        "yhat": yhat,
    }
    variance = _variance(model, row, yhat)
    for value in level:
        tail = (100 - value) / 200
        for side, share in (("lo", tail), ("hi", 1 - tail)):
            found[f"{side}-{value}"] = nbinom.ppf(share, yhat**2 / (variance - yhat), yhat / variance)
    return pd.DataFrame(found)


def _variance(model: Analogues, row: int, yhat: Array) -> Array:
    """Return the variance of the sales of each day: of their level, of a day around it, and of counting."""
    others = len(model.grid_.ids) - 1
    apart = (others * model.apart_ + UNKNOWN) / (others + 1)
    apart = np.expm1(apart + model.curve_apart_[0])
    excess = model.excess_[row]
    return np.asarray(yhat + yhat**2 * (apart + excess + apart * excess))

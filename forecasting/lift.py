"""What past columns are worth, product by product, with a test that knows about time."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.stats import false_discovery_control

from forecasting.backtest import CALIBRATION_HISTORY, LEAST_HISTORY, window_starts
from forecasting.diebold_mariano import block_bootstrap, diebold_mariano, difference_mean
from forecasting.encompassing import counting_noise, encompassing
from forecasting.frame import PanelError
from forecasting.grid import Array, Grid
from forecasting.twins import TwinForecasts, run_twins

HORIZON = 7
WINDOWS = 8
EARLIER = 52
LEVEL = 0.05
LEAST_WINDOWS = 3
SHORT = "the history is too short to measure what the sentiment columns are worth"


def has_enough(grid: Grid) -> bool:
    """Tell whether a panel is long enough to measure what columns are worth."""
    return grid.length >= LEAST_WINDOWS * HORIZON + 2 * LEAST_HISTORY


def measure_lift(
    grid: Grid, columns: tuple[str, ...], h: int = HORIZON, n_windows: int = WINDOWS, level: float = LEVEL
) -> dict[str, Any]:
    """Compare the regression with and without past columns on rolling windows.

    Both forecasts come from the same regression; the columns enter as its last layer, so what differs is
    what they say, see `forecasting.twins`. Whether that is worth anything is a test of forecast encompassing,
    see `forecasting.encompassing`: a mean difference of errors alone can hardly show it, because most days
    little is said (Clark & West, 2007, on nested models). The p-values of all products are turned into
    q-values (Benjamini & Hochberg, 1995). A column helps or harms where q is below ``level`` and the mean
    absolute error moved the same way.

    A small effect takes long to show, so up to 52 windows before the last ``n_windows`` count as well. What a
    column is worth now decides all the same: where it changes nothing in the last windows, or loses there
    more than half of what all windows gained on average (or the reverse), only the last ones count, with p
    doubled for the second look.

    Parameters
    ----------
    grid : Grid
        The panel, with the columns among its past columns.
    columns : tuple of str
        The columns whose worth is measured.
    h, n_windows : int
        Days per window, and last windows: as many as the history allows, but at least three.
    level : float
        Highest q-value called an effect.

    Returns
    -------
    dict
        ``columns, horizon, windows, earlier_windows, level`` and ``products``: per product ``unique_id,
        wape_without, wape_with, delta_mae, delta_wape`` (with minus without: negative is better), ``ci`` of
        delta_mae (95%, by block bootstrap), ``dm_statistic, dm_p_value`` (Diebold–Mariano), ``p_value,
        q_value`` (encompassing), ``verdict`` (helps, none or harms) and ``windows`` (those that count).

    Raises
    ------
    PanelError
        For unknown columns, or when the history is too short for three windows.
    """
    unknown = [column for column in columns if column not in grid.spec.past]
    if unknown or not columns:
        raise PanelError(f"not among the past columns: {', '.join(unknown) or 'no column was given'}")
    while n_windows > LEAST_WINDOWS and n_windows * h + 8 * h > grid.length:
        n_windows -= 1
    starts = window_starts(grid.length, h, n_windows)
    earlier = min(EARLIER, max(starts[0] - CALIBRATION_HISTORY, 0) // h)
    twins = run_twins(grid, columns, h, [*range(starts[0] - earlier * h, starts[0], h), *starts])
    figures = _Figures.of(twins).unless(_Figures.of(twins.last(n_windows)))
    return {
        "columns": list(columns),
        "horizon": h,
        "windows": n_windows,
        "earlier_windows": earlier,
        "level": level,
        "products": _products(grid.ids, figures, level),
    }


@dataclass(frozen=True)
class _Figures:
    """What was found of each product, (n,) each."""

    windows: Array
    wape_without: Array
    wape_with: Array
    delta_mae: Array
    low: Array
    high: Array
    dm_statistic: Array
    dm_p_value: Array
    direction: Array
    p_value: Array

    @classmethod
    def of(cls, twins: TwinForecasts) -> "_Figures":
        without, with_ = (np.abs(twins.y - yhat) for yhat in (twins.without, twins.with_))
        difference = with_ - without
        delta = difference_mean(difference)
        low, high = block_bootstrap(difference, 2 * twins.h)
        sales = np.nansum(np.where(np.isfinite(without), twins.y, np.nan), axis=1)
        sold = np.where(sales > 0, sales, np.nan)
        error = np.log1p(twins.y) - np.log1p(twins.without)
        correction = np.log1p(twins.with_) - np.log1p(twins.without)
        return cls(
            np.full(len(delta), twins.y.shape[1] // twins.h),
            np.nansum(without, axis=1) / sold,
            np.nansum(with_, axis=1) / sold,
            delta,
            np.fmin(low, delta),
            np.fmax(high, delta),
            *diebold_mariano(difference, twins.h),
            *encompassing(error, correction, 2 * twins.h, counting_noise(twins.y, twins.without)),
        )

    def unless(self, last: "_Figures") -> "_Figures":
        """Let the last windows speak alone where the column is silent there, or has turned."""
        against = (last.delta_mae * self.delta_mae < 0) & (
            2 * np.abs(last.delta_mae) > np.abs(self.delta_mae)
        )
        alone = against | (last.delta_mae == 0)
        pairs = {f.name: (getattr(last, f.name), getattr(self, f.name)) for f in fields(self)}
        pairs["p_value"] = (np.minimum(2 * last.p_value, 1.0), self.p_value)
        return _Figures(**{name: np.where(alone, *pair) for name, pair in pairs.items()})


def _products(ids: tuple[str, ...], found: _Figures, level: float) -> list[dict[str, Any]]:
    q_value = false_discovery_control(found.p_value)
    agree = np.sign(found.direction) == -np.sign(np.nan_to_num(found.delta_mae))
    better = np.where(found.delta_mae < 0, "helps", "harms")
    verdict = np.where((q_value >= level) | ~agree, "none", better)
    return [
        {
            "unique_id": uid,
            "wape_without": _number(found.wape_without[i]),
            "wape_with": _number(found.wape_with[i]),
            "delta_mae": _number(found.delta_mae[i]),
            "delta_wape": _number(found.wape_with[i] - found.wape_without[i]),
            "ci": [_number(found.low[i]), _number(found.high[i])],
            "dm_statistic": float(found.dm_statistic[i]),
            "dm_p_value": float(found.dm_p_value[i]),
            "p_value": float(found.p_value[i]),
            "q_value": float(q_value[i]),
            "verdict": str(verdict[i]),
            "windows": int(found.windows[i]),
        }
        for i, uid in enumerate(ids)
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

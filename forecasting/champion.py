"""Which models speak for which series, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecasting.backtest import Backtest
from forecasting.ensemble import ensemble_weights, mix
from forecasting.grid import Array, Grid
from forecasting.intervals import size
from forecasting.model import TWO_SEASONS
from forecasting.newcomers import NEWCOMERS, trial

YARDSTICK = "SeasonalNaive"
SERVICE = "Fengping"
ENSEMBLE = "Ensemble"
SHORT = 56
LEAST_SERIES = 10
TOLERATED = 1.1
FADING = 0.8
INTERVAL, VARIATION = 1.32, 0.49
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Champion:
    """The mixture that speaks for a group of series.

    Parameters
    ----------
    group : str
        ``smooth``, ``erratic``, ``intermittent``, ``lumpy``, ``short``, ``new`` or ``all``.
    rows : (g,) array of int
        The series.
    weights : dict
        Alias -> weight; they add up to 1.
    reason : str
        Why, in words.
    """

    group: str
    rows: Rows
    weights: dict[str, float]
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the champion as JSON-ready values."""
        return {
            "group": self.group,
            "rows": self.rows.tolist(),
            "weights": self.weights,
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Champion":
        """Rebuild what `to_json` returned."""
        rows = np.array(values["rows"], dtype=np.int64)
        return cls(values["group"], rows, dict(values["weights"]), values["reason"])


def choose_champions(backtest: Backtest, windows: slice, members: Sequence[str]) -> list[Champion]:
    """Choose a mixture for each group of series by its errors in some windows.

    Series are grouped by how they sell, because a choice for one series alone is mostly luck. In a group,
    the models that beat seasonal naive and are not far behind the best are weighed, see `ensemble_weights`,
    drawn to the weights that are best for all series together; where nothing beats seasonal naive it speaks
    itself. Models and seasons change, so each window counts a fifth less than the next. `Analogues` may only
    speak for short and new series; new ones have no past to judge by, so those that were new in earlier
    windows stand for them, or else old ones that are made to look new, see `forecasting.newcomers`.

    Parameters
    ----------
    backtest : Backtest
        With a forecast named ``SeasonalNaive``.
    windows : slice
        The windows to judge by; may be empty.
    members : sequence of str
        Aliases that may be chosen.
    """
    first = backtest.starts[windows.stop] if windows.stop < len(backtest.starts) else backtest.grid.length
    view = backtest.grid.until(first)
    usual = [alias for alias in members if alias != NEWCOMERS] or list(members)
    groups = series_groups(view)
    everyone = _errors(backtest, windows, usual, backtest.size[windows])
    panel = ensemble_weights(able) if len(groups) > 1 and (able := _able(everyone)) else None
    chosen = []
    for name, rows in groups.items():
        if name == "new":
            chosen.append(_choose_for_new(backtest, windows, members, view, rows))
            continue
        errors = _errors(backtest, windows, members if name == "short" else usual, backtest.size[windows])
        ours = {alias: found[:, rows] for alias, found in errors.items()}
        chosen.append(_weigh(ours, name, rows, _windows(windows), None if name == "short" else panel))
    return chosen


def has_short(grid: Grid, days: int) -> bool:
    """Tell whether any series is short, or was before the last ``days``."""
    return bool((grid.until(max(grid.length - days, 1)).observed < SHORT).any())


def series_groups(grid: Grid) -> dict[str, Rows]:
    """Group series by their demand (Syntetos, Boylan & Croston, 2005); small groups join ``all``.

    Demand is intermittent where the mean interval between sales is at least 1.32 days, and erratic where
    the squared coefficient of variation of the sales is at least 0.49; both: lumpy. Less than eight weeks
    is short, less than two weeks new; the new ones stay among themselves.
    """
    demand = grid.demand
    known, sold = np.isfinite(demand), np.nan_to_num(demand) > 0
    days, sales = known.sum(axis=1), np.maximum(sold.sum(axis=1), 1)
    amount = np.where(sold, demand, 0.0)
    mean = amount.sum(axis=1) / sales
    square = np.where(sold, (amount - mean[:, None]) ** 2, 0.0).sum(axis=1) / sales
    often = days / sales < INTERVAL
    steady = square / np.maximum(mean, 1e-9) ** 2 < VARIATION
    names = np.where(
        days < SHORT,
        "short",
        np.where(often, np.where(steady, "smooth", "erratic"), np.where(steady, "intermittent", "lumpy")),
    )
    new = grid.observed < TWO_SEASONS
    names[new] = "new"
    counts = {name: int((names == name).sum()) for name in np.unique(names[~new])}
    small = [name for name, count in counts.items() if count < LEAST_SERIES]
    if len(small) == len(counts) or sum(counts[name] for name in small) < LEAST_SERIES:
        largest = max(counts, key=lambda name: counts[name], default="all")
        names[np.isin(names, small)] = "all" if len(small) == len(counts) else largest
    else:
        names[np.isin(names, small)] = "all"
    return {str(name): np.flatnonzero(names == name) for name in np.unique(names)}


def _errors(backtest: Backtest, windows: slice, members: Sequence[str], unit: Array) -> dict[str, Array]:
    """Return errors in units of the series' size, the older the smaller, (w, n, h), by alias."""
    aliases = dict.fromkeys([YARDSTICK, *members])
    age = np.arange(len(backtest.starts[windows]))[::-1, None, None]
    return {alias: backtest.errors(alias, windows) / unit[..., None] * FADING**age for alias in aliases}


def _able(errors: dict[str, Array]) -> dict[str, Array]:
    """Keep the models that beat seasonal naive and are not far behind the best."""
    losses = {alias: _mean_size(values) for alias, values in errors.items()}
    floor = losses.pop(YARDSTICK)
    better = {alias: loss for alias, loss in losses.items() if loss < floor}
    limit = TOLERATED * min(better.values(), default=0.0)
    return {alias: errors[alias] for alias, loss in better.items() if loss <= limit}


def _choose_for_new(
    backtest: Backtest, windows: slice, members: Sequence[str], view: Grid, rows: Rows
) -> Champion:
    starts = backtest.starts[windows]
    new = np.array([view.until(start).observed < TWO_SEASONS for start in starts], dtype=bool)
    new = new.reshape(len(starts), len(view.ids), 1)
    errors = _errors(backtest, windows, members, size(view.likely))
    errors = {alias: np.where(new, found, np.nan) for alias, found in errors.items()}
    if np.isfinite(errors[YARDSTICK]).any(axis=2).sum() >= LEAST_SERIES:
        return _weigh(errors, "new", rows, f"series that were new in {_windows(windows)}")
    tried = trial(view, backtest.h) if NEWCOMERS in members else {}
    return _weigh(tried or errors, "new", rows, "old series that were cut to their last days")


def _weigh(
    errors: dict[str, Array], name: str, rows: Rows, where: str, panel: dict[str, float] | None = None
) -> Champion:
    """Weigh the models that beat seasonal naive."""
    floor, able = _mean_size(errors[YARDSTICK]), _able(errors)
    who = f"{name} demand, {len(rows)} series" if name != "all" else f"{len(rows)} series"
    if not np.isfinite(floor):
        return Champion(name, rows, {YARDSTICK: 1.0}, f"{who}: no earlier window to judge by")
    if not able:
        return Champion(name, rows, {YARDSTICK: 1.0}, f"{who}: nothing beat seasonal naive in {where}")
    weights = ensemble_weights(able, panel)
    mixed = _mean_size(mix(errors, weights))
    parts = " + ".join(
        f"{share:.0%} {alias}" for alias, share in sorted(weights.items(), key=lambda item: -item[1])
    )
    reason = f"{who}: {parts}; error {mixed / floor:.2f} of seasonal naive's in {where}"
    return Champion(name, rows, weights, reason)


def _windows(windows: slice) -> str:
    return f"{windows.stop - windows.start} earlier windows"


def add_service(backtest: Backtest, members: Sequence[str]) -> None:
    """Add the forecast ``Fengping``: at each cutoff, the mixture chosen with the windows before it."""
    yhat = np.full(backtest.y.shape, np.nan)
    for window in range(len(backtest.starts)):
        now = {alias: values[window] for alias, values in backtest.yhat.items()}
        for champion in choose_champions(backtest, slice(0, window), members):
            yhat[window, champion.rows] = mix(now, champion.weights)[champion.rows]
    backtest.yhat[SERVICE] = yhat


def _mean_size(errors: Array) -> float:
    known = np.isfinite(errors)
    return float(np.abs(errors[known]).mean()) if known.any() else float("nan")

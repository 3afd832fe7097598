"""Rolling-origin backtest: what each model would have forecast, had it stood at each cutoff."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.counted import Counted
from forecasting.errors import TooShortError
from forecasting.frame import SEASON, PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.intervals import ConformalBands, Outlook, in_sample, size, special_days, unrest
from forecasting.lanes import in_lanes
from forecasting.metrics import naive_scales
from forecasting.model import Forecaster

CALIBRATION = 4
LEAST_HISTORY = 2 * SEASON
CALIBRATION_HISTORY = 8 * SEASON
Bands = dict[int, tuple[Array, Array]]


@dataclass
class Backtest:
    """Forecasts of W consecutive windows, the first ``calibration`` of which only teach.

    Attributes
    ----------
    grid : Grid
        The whole panel.
    h : int
        Days per window.
    starts : list of int
        Index of each window's first day, ascending; its cutoff is the day before.
    calibration : int
        Leading windows that give residuals and selection, but are not reported.
    y : (W, n, h) array
        What happened.
    yhat : dict
        Alias -> (W, n, h).
    bands : dict
        Alias -> level -> lower and upper (W, n, h); in calibration windows NaN.
    mae, mse, size, unrest : (W, n) arrays
        Scales of each series at each cutoff.
    special, closed : (W, n, h) arrays of bool
        Days unlike most, and days known to be closed.
    """

    grid: Grid
    h: int
    starts: list[int]
    calibration: int
    y: Array
    mae: Array
    mse: Array
    size: Array
    unrest: Array
    special: npt.NDArray[np.bool_]
    closed: npt.NDArray[np.bool_]
    yhat: dict[str, Array] = field(default_factory=dict)
    bands: dict[str, Bands] = field(default_factory=dict)

    @property
    def reported(self) -> slice:
        """The windows that are reported."""
        return slice(self.calibration, len(self.starts))

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which series had any history at each cutoff, (W, n)."""
        return np.stack([np.isfinite(self.grid.y[:, :start]).any(axis=1) for start in self.starts])

    def errors(self, alias: str, windows: slice) -> Array:
        """Return sales minus forecast, (w, n, h), without series that had no history."""
        known = self.known[windows][:, :, None]
        return np.where(known, self.y[windows] - self.yhat[alias][windows], np.nan)

    def outlook(self, alias: str) -> Outlook:
        """Return a model's forecasts with what their bands depend on."""
        return Outlook(self.yhat[alias], self.size, self.unrest, self.special, self.closed)

    def add_bands(self, alias: str, level: Sequence[int]) -> None:
        """Lay bands around the reported forecasts; a window's only use what was over by its cutoff."""
        shape = self.yhat[alias].shape
        bands = {value: (np.full(shape, np.nan), np.full(shape, np.nan)) for value in sorted(level)}
        for window in range(*self.reported.indices(len(self.starts))):
            found = self.learn_bands(alias, window, level).predict(self.outlook(alias)[window])
            for value, pair in found.items():
                for side, values in zip(bands[value], pair, strict=True):
                    side[window] = values
        self.bands[alias] = bands

    def learn_bands(self, alias: str, window: int, level: Sequence[int]) -> ConformalBands:
        """Learn bands from the windows before this one; ``len(starts)``: from all."""
        if window == 0:
            return ConformalBands(level).fit(*in_sample(self.grid.until(self.starts[0]), self.h))
        # The service had nothing to choose by in the first window, so its errors there are not typical.
        done = slice(min(1, window - 1), window)
        return ConformalBands(level).fit(self.errors(alias, done), self.outlook(alias)[done])

    def to_frame(self) -> pd.DataFrame:
        """Return the reported windows: ``unique_id, ds, cutoff, y`` and per model forecast and bands."""
        known = np.repeat(self.known[self.reported].ravel(), self.h)
        days = self.grid.days()
        starts = np.array(self.starts[self.reported])
        n, w = len(self.grid.ids), len(starts)
        index = (starts[:, None, None] + np.arange(self.h)).repeat(n, axis=1)
        columns: dict[str, object] = {
            "unique_id": np.tile(np.repeat(np.array(self.grid.ids), self.h), w),
            "ds": days[index.ravel()],
            "cutoff": np.repeat(days[starts - 1], n * self.h),
            "y": self.y[self.reported].ravel(),
        }
        for alias, values in self.yhat.items():
            columns[alias] = values[self.reported].ravel()
            for level, (low, high) in self.bands.get(alias, {}).items():
                columns[f"{alias}-lo-{level}"] = low[self.reported].ravel()
                columns[f"{alias}-hi-{level}"] = high[self.reported].ravel()
        frame = pd.DataFrame(columns)[known]
        return frame.sort_values(["unique_id", "ds"], ignore_index=True)


def window_starts(length: int, h: int, n_windows: int) -> list[int]:
    """Return the first day of each of the last ``n_windows`` windows.

    Raises
    ------
    TooShortError
        When the panel is too short for them.
    """
    if h < 1 or n_windows < 1:
        raise PanelError(f"horizon and windows must be at least 1, not {h} and {n_windows}")
    need = n_windows * h + LEAST_HISTORY
    if length < need:
        raise TooShortError(
            f"{n_windows} windows of {h} days need at least {need} days of history, the panel has {length}"
        )
    return [length - back * h for back in range(n_windows, 0, -1)]


def backtest_starts(length: int, h: int, n_windows: int, calibration: int = CALIBRATION) -> list[int]:
    """Return the first day of each window of a backtest, those that only teach included."""
    starts = window_starts(length, h, n_windows)
    for _ in range(calibration):
        if starts[0] - h >= CALIBRATION_HISTORY:
            starts.insert(0, starts[0] - h)
    return starts


def run_backtest(
    models: Sequence[Forecaster],
    grid: Grid,
    h: int,
    n_windows: int = 3,
    calibration: int = CALIBRATION,
    counted: Counted | None = None,
) -> Backtest:
    """Forecast consecutive windows of ``h`` days, the last one ending at the last day.

    Each model is fitted at the first cutoff and updated at the others, in the calibration windows at every
    second one only, to save time; nothing after a cutoff reaches it but the known-ahead columns.

    Parameters
    ----------
    models : sequence of Forecaster
        Models with distinct aliases.
    grid : Grid
        The panel.
    h, n_windows : int
        Days per window and windows to report.
    calibration : int
        Most windows before them, where the history allows.
    counted : Counted, optional
        Counts each window of each model.
    """
    starts = backtest_starts(grid.length, h, n_windows, calibration)
    views = [grid.until(start) for start in starts]
    scales = [naive_scales(view.y) for view in views]
    teaching = len(starts) - n_windows
    special = special_days(grid, 0)
    backtest = Backtest(
        grid=grid,
        h=h,
        starts=starts,
        calibration=teaching,
        y=np.stack([grid.y[:, start : start + h] for start in starts]),
        mae=np.stack([mae for mae, _ in scales]),
        mse=np.stack([mse for _, mse in scales]),
        size=np.stack([size(view.likely) for view in views]),
        unrest=np.stack([unrest(view.demand) for view in views]),
        special=np.stack([special[:, start : start + h] for start in starts]),
        closed=np.stack([view.closed_until(h)[:, -h:] for view in views]),
    )
    steps = counted or Counted(len(models) * len(starts))
    backtest.yhat = in_lanes(models, lambda model: _walk(model, views, h, teaching, steps))
    return backtest


def _walk(model: Forecaster, views: Sequence[Grid], h: int, teaching: int, steps: Counted) -> Array:
    """Forecast from each cutoff in turn, (W, n, h)."""
    forecasts = []
    for window, view in enumerate(views):
        if window == 0:
            model.fit_grid(view)
        elif window >= teaching or window % 2 == 0:
            model.update(view)
        else:
            model.see(view)
        forecasts.append(model.forecast_grid(view, h))
        steps.step()
    return np.stack(forecasts)


def cross_validation(
    models: Sequence[Forecaster],
    df: pd.DataFrame,
    spec: PanelSpec,
    h: int,
    n_windows: int = 3,
    level: Sequence[int] = (80, 95),
) -> pd.DataFrame:
    """Backtest models on a long panel.

    Returns
    -------
    DataFrame
        ``unique_id, ds, cutoff, y`` and per model ``NAME, NAME-lo-80, NAME-hi-80, …``.

    Raises
    ------
    PanelError
        When the panel is not what was declared, or too short.
    """
    grid = Grid.from_frame(validate_panel(df, spec), spec)
    backtest = run_backtest(models, grid, h, n_windows)
    for model in models:
        backtest.add_bands(model.alias, level)
    return backtest.to_frame()

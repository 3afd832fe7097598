"""`python -m benchmarks.forecasting.newcomers`: products that have sold for a few days only.

Every second series of a panel is made to begin a few days before the cutoff, and its next days are forecast.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import report
from forecasting.__main__ import read_panel
from forecasting.analogues import Analogues
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.model import naive
from forecasting.newcomers import pretend

AGES = (0, 1, 3, 7, 21, 40)
Forecast = Callable[[Grid, int], Array]


def mean(grid: Grid, h: int) -> Array:
    """Repeat the mean of the known days, (n, h); zero where there are none."""
    known = np.isfinite(grid.demand)
    level = np.where(known, grid.demand, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.repeat(level[:, None], h, axis=1)


def analogues(grid: Grid, h: int) -> Array:
    """Forecast with all that is known of the products."""
    return Analogues().fit_grid(grid).forecast_grid(grid, h)


def analogues_without(grid: Grid, h: int) -> Array:
    """Forecast as if nothing was known of the products but their sales."""
    return analogues(replace(grid, static=grid.static[:, :0], spec=replace(grid.spec, static=())), h)


FORECASTS: dict[str, Forecast] = {
    "SeasonalNaive": naive,
    "Mean": mean,
    "Analogues": analogues,
    "Analogues, no static columns": analogues_without,
}


def measure(grid: Grid, h: int, windows: int, ages: Sequence[int] = AGES) -> list[dict[str, object]]:
    """Return a row for each forecast and age: WAPE and bias over the newcomers' open days."""
    rows = []
    for age in ages:
        cases = [pretend(grid, h, age, window) for window in range(windows)]
        for name, forecast in FORECASTS.items():
            sums = sum(_sums(grid, forecast(view, h), view.length, young) for view, young in cases)
            rows.append({"days": age, "model": name, "wape": sums[0] / sums[2], "bias": sums[1] / sums[2]})
    return rows


def _sums(grid: Grid, yhat: Array, start: int, rows: Array) -> Array:
    """Return the sums of absolute error, error and sales."""
    days = slice(start, start + yhat.shape[1])
    y = grid.y[rows, days]
    known = np.isfinite(y) & ~grid.closed[rows, days]
    error = (yhat[rows] - y)[known]
    return np.array([np.abs(error).sum(), error.sum(), y[known].sum()])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a panel and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.newcomers", description=__doc__)
    parser.add_argument("--panel", type=Path, required=True, help="CSV with unique_id, ds, y")
    parser.add_argument("--horizon", type=int, default=14)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--future", default="")
    parser.add_argument("--static", default="")
    options = parser.parse_args(arguments)
    future, static = (tuple(filter(None, text.split(","))) for text in (options.future, options.static))
    spec = PanelSpec(future=future, static=static)
    grid = Grid.from_frame(validate_panel(read_panel(options.panel, spec), spec), spec)
    rows = measure(grid, options.horizon, options.windows)
    report.write("newcomers", rows, {"data": options.panel.name, "horizon": options.horizon})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

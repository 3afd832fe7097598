"""Other libraries on the windows that our own backtest reports, scored with the same measures."""

import os
import time

import numpy as np
import pandas as pd

from benchmarks.forecasting.peers import KEY, LEVEL, PEERS, Peer, Task
from forecasting.backtest import window_starts
from forecasting.fills import seasonal
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.metrics import evaluate, naive_scales


def compare(panel: pd.DataFrame, spec: PanelSpec, h: int, n_windows: int, name: str) -> dict[str, float]:
    """Return a peer's measures, and the seconds of all windows by the clock and of all cores.

    Closed and unrecorded days of the history are filled for the peers with the same weekday before, and days
    known to be closed are set to 0 for them, as they are for our own models.
    """
    grid = Grid.from_frame(validate_panel(panel, spec), spec)
    starts = window_starts(grid.length, h, n_windows)
    started, busy = time.monotonic(), _cpu()
    found = [_forecast(PEERS[name], grid, h, start) for start in starts]
    costs = {"seconds": time.monotonic() - started, "cpu_seconds": _cpu() - busy}
    yhat, low, high = (np.stack(values) for values in zip(*found, strict=True))
    y = np.stack([grid.y[:, start : start + h] for start in starts])
    scales = [naive_scales(grid.y[:, :start]) for start in starts]
    mae, mse = (np.stack(values) for values in zip(*scales, strict=True))
    return evaluate(y, yhat, mae, mse, {LEVEL: (low, high)}) | costs


def _cpu() -> float:
    return sum(os.times()[:4])


def _forecast(peer: Peer, grid: Grid, h: int, start: int) -> tuple[Array, Array, Array]:
    """Return forecast, lower and upper end of one window, each (n, h); NaN where a peer left a series out."""
    view = grid.until(start)
    found = peer(task_of(view, h)).sort_values(KEY).set_index("unique_id")
    closed = grid.closed[:, start : start + h]
    columns = []
    for column in ("yhat", f"lo-{LEVEL}", f"hi-{LEVEL}"):
        values = np.full((len(grid.ids), h), np.nan)
        for row, uid in enumerate(grid.ids):
            if uid in found.index:
                values[row] = found.loc[[uid], column].to_numpy(float)
        columns.append(np.where(closed, 0.0, np.maximum(values, 0.0)))
    return columns[0], columns[1], columns[2]


def task_of(view: Grid, h: int) -> Task:
    """Return what a peer is given at the cutoff of a grid."""
    days, known = view.days(h), view.known_ahead(h)
    train, ahead = [], []
    for row, (uid, y, exog) in enumerate(zip(view.ids, seasonal(view.demand), known, strict=True)):
        first = int(np.isfinite(view.y[row]).argmax())
        columns = dict(zip(view.spec.future, exog.T, strict=True))
        frame = pd.DataFrame({"unique_id": uid, "ds": days, "y": np.r_[y, np.full(h, np.nan)], **columns})
        train.append(frame.iloc[first : view.length])
        ahead.append(frame.iloc[view.length :].drop(columns="y"))
    frames = (pd.concat(parts, ignore_index=True) for parts in (train, ahead))
    return Task(*frames, h, view.spec.future)

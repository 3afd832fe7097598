"""What each step of preparation is worth: the same backtest without and with it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from forecasting import catalogue
from forecasting.backtest import window_starts
from forecasting.diebold_mariano import diebold_mariano
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.model import Forecaster
from forecasting.scaling import SeriesScaler
from forecasting.steps import Duplicates, Outliers, Scale, Step

LEVEL = 0.05
ROUNDING = 1e-9
MODELS = ("SeasonalNaive", "Regression")


def compare_steps(
    rows: pd.DataFrame,
    spec: PanelSpec,
    h: int,
    steps: Sequence[Step],
    n_windows: int = 3,
    models: Sequence[str] = MODELS,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Backtest models without and with each step alone.

    At each cutoff a step sees the rows up to it and nothing later. What is forecast is scored against the
    sales as they were given, so a step that flatters itself by changing the test gains nothing. Outliers
    are taken as unknown, for a label alone changes no model; duplicates are resolved first, because
    without that there is no forecast to compare with.

    Parameters
    ----------
    rows : DataFrame
        What `forecasting.frame.read_rows` returned.
    spec : PanelSpec
        The declared columns.
    h, n_windows : int
        Days per window, and windows.
    steps : sequence of Step
        The steps.
    models : sequence of str
        Aliases, see `forecasting.catalogue.names`.
    seed : int
        Seed of models that use chance.

    Returns
    -------
    list of dict
        Per step and model ``step, model, changed`` (days before the last cutoff), ``wape_before,
        wape_after, n`` (days scored), ``p_value`` of the difference of daily errors (Diebold & Mariano,
        1995) and ``verdict`` (helps, none or harms).

    Raises
    ------
    PanelError
        When the panel cannot be used or is too short.
    """
    for step in steps:
        if isinstance(step, Duplicates):
            rows, _ = step.apply(rows, spec)
    whole = Grid.from_frame(validate_panel(rows, spec), spec)
    starts = window_starts(whole.length, h, n_windows)
    plain = [whole.until(start) for start in starts]
    actual = np.stack([whole.y[:, start : start + h] for start in starts])
    known = np.stack([np.isfinite(view.y).any(axis=1) for view in plain])
    actual = np.where(known[:, :, None], actual, np.nan)
    before = {name: _backtest(catalogue.build(name, h, (), "", seed), plain, h) for name in models}
    found = []
    for step in steps:
        if isinstance(step, Duplicates):
            continue
        prepared = [_prepared(step, rows, spec, view) for view in plain]
        views, units, cells = zip(*prepared, strict=True)
        for name, without in before.items():
            scaled = _backtest(catalogue.build(name, h, (), "", seed), views, h)
            measured = _compare(actual, without, scaled * np.stack(units)[:, :, None], h)
            found.append({"step": step.name, "model": name, "changed": cells[-1], **measured})
    return found


def _prepared(step: Step, rows: pd.DataFrame, spec: PanelSpec, view: Grid) -> tuple[Grid, Array, int]:
    """Return a view after a step that saw nothing later, what one is worth in it (n,), and changed days."""
    if isinstance(step, Scale):
        # Uncentred, for models take logarithms and cut at zero.
        spread = SeriesScaler.fit(view.y, step.how, centred=False).spread
        return replace(view, y=view.y / spread[:, None]), spread, int(np.isfinite(view.y).sum())
    step = replace(step, unknown=True) if isinstance(step, Outliers) else step
    seen = rows.copy()
    seen.loc[seen["ds"] > view.cutoff, ["y", *spec.past]] = np.nan
    _, ledger = step.apply(seen, spec)
    changed = ledger[(ledger["column"] == "y") & (ledger["ds"] <= view.cutoff)]
    series = pd.Index(view.ids).get_indexer(pd.Index(changed["unique_id"]))
    days = (pd.to_datetime(changed["ds"]) - view.start).dt.days.to_numpy()
    y = view.y.copy()
    y[series, days] = changed["after"].to_numpy(float)
    return replace(view, y=y), np.ones(len(view.ids)), len(changed)


def _backtest(model: Forecaster, views: Sequence[Grid], h: int) -> Array:
    """Forecast from each view, (w, n, h); the model is fitted once and then updated."""
    model.fit_grid(views[0])
    first = model.forecast_grid(views[0], h)
    return np.stack([first, *(model.update(view).forecast_grid(view, h) for view in views[1:])])


def _compare(actual: Array, before: Array, after: Array, h: int) -> dict[str, Any]:
    """Compare absolute errors, all (w, n, h), day by day."""
    known = np.isfinite(actual)
    losses = [np.where(known, np.abs(actual - yhat), 0.0) for yhat in (before, after)]
    sales = float(np.where(known, actual, 0.0).sum())
    wapes = [float(loss.sum()) / sales if sales > 0 else float("nan") for loss in losses]
    difference = losses[1] - losses[0]
    # What scaling there and back leaves by rounding would look like a difference on every day.
    difference[np.abs(difference) < ROUNDING * (np.abs(before) + np.abs(after) + 1)] = 0.0
    _, p_value = diebold_mariano(difference.sum(axis=1).reshape(1, -1), h)
    verdict = "none" if p_value[0] >= LEVEL else "helps" if wapes[1] < wapes[0] else "harms"
    return {
        "wape_before": wapes[0],
        "wape_after": wapes[1],
        "n": int(known.sum()),
        "p_value": float(p_value[0]),
        "verdict": verdict,
    }

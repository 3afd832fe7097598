"""What a trained forecasting service learned about itself, as rows and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecasting.change import changes_of
from forecasting.scenario import Scenario
from workers.diagnosis import diagnosis_of

SERVICE = "Fengping"
RECORD = ("brier", "brier_base", "accuracy", "base_rate", "n", "reason")
BANDS = ("lo-80", "hi-80", "lo-95", "hi-95")


def backtests_of(
    forecaster: Any, lags: Mapping[str, list[dict[str, Any]]] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield a product's champion, errors, worth of sentiment, coverage, backtest curve and findings.

    Parameters
    ----------
    forecaster
        A fitted `forecasting.Fengping`; its unique ids are our product ids.
    lags
        What `workers.lags.lags_of` found.
    """
    lifts = lifts_of(forecaster)
    changes, diagnosed = changes_of(forecaster.grid_), diagnosis_of(forecaster)
    curves, metrics = _by_product(forecaster.cv_), _by_product(forecaster.metrics_)
    for unique_id, champion in forecaster.champions_.items():
        yield {
            "product_id": int(unique_id),
            "champion": champion,
            "metrics": _by_model(metrics.get(unique_id)),
            "lift": plain(lifts.get(unique_id)),
            "coverage": plain(coverage_of(curves.get(unique_id))),
            "cv": curve(curves.get(unique_id)),
            "findings": {
                "preparation": plain(forecaster.days_[unique_id]),
                "lags": (lags or {}).get(unique_id, []),
                "changes": plain(changes[unique_id]),
                **plain(diagnosed[unique_id]),
            },
        }


def lifts_of(forecaster: Any) -> dict[str, Mapping[str, Any]]:
    """Return what was measured of sentiment by product; a product that nobody reviewed is not among them."""
    if not forecaster.lift_:
        return {}
    grid = forecaster.grid_
    columns = [grid.spec.past.index(name) for name in forecaster.lift_["columns"]]
    heard = np.isfinite(grid.past[:, :, columns]).any(axis=(1, 2))
    reviewed = {uid for uid, said in zip(grid.ids, heard, strict=True) if said}
    products = forecaster.lift_["products"]
    return {row["unique_id"]: row for row in products if row["unique_id"] in reviewed}


def coverage_of(cv: pd.DataFrame | None) -> dict[str, float]:
    """Return the share of backtest days within each band, by its level in per cent."""
    if cv is None:
        return {}
    known = cv[cv["y"].notna()]
    return {
        level: float(
            known["y"].between(known[f"{SERVICE}-lo-{level}"], known[f"{SERVICE}-hi-{level}"]).mean()
        )
        for level in ("80", "95")
        if f"{SERVICE}-lo-{level}" in known and len(known)
    }


def curve(cv: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return a product's backtest as points: ds, cutoff, y, yhat with bands, and each model's own."""
    if cv is None:
        return []
    names = {f"{SERVICE}-{band}": band for band in BANDS} | {SERVICE: "yhat"}
    others = [
        name for name in cv.columns if "-lo-" not in name and "-hi-" not in name and name != "unique_id"
    ]
    kept = [*others, *(name for name in names if name in cv and name != SERVICE)]
    rows = cv[kept].rename(columns=names).to_dict("records")
    return [plain(row) for row in rows]


def directions_of(
    forecaster: Any, unique_ids: Sequence[str] | None = None, scenario: Scenario | None = None
) -> dict[str, dict[str, Any]]:
    """Return per product how likely sales rise, ``p_up``, and how right that was before for all products.

    Parameters
    ----------
    forecaster, unique_ids, scenario
        See `forecasting.Fengping.direction`.
    """
    report = forecaster.direction_.report()
    record = {name: plain(report.get(name)) for name in RECORD}
    said = forecaster.direction(unique_ids, scenario=scenario)
    return {
        str(unique_id): {"p_up": float(p_up)} | record
        for unique_id, p_up in zip(said["unique_id"], said["p_up"], strict=True)
    }


def plain(value: Any) -> Any:
    """Turn frames' values into what JSON can say: NaN into null, days into their dates."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _by_product(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Split a frame by product; a history too short for a backtest gives an empty frame."""
    return {} if frame.empty else {str(name): part for name, part in frame.groupby("unique_id")}


def _by_model(frame: pd.DataFrame | None) -> dict[str, Any]:
    if frame is None:
        return {}
    rows = frame.drop(columns="unique_id").set_index("model").to_dict("index")
    return {str(name): plain(row) for name, row in rows.items()}

"""What people check a product's forecast by: why its models speak, what it is made of, how its bands kept."""

from __future__ import annotations

from typing import Any

import pandas as pd

from forecasting.diagnosis import diagnoses
from forecasting.metrics import covered

SERVICE = "Fengping"


def diagnosis_of(forecaster: Any) -> dict[str, dict[str, Any]]:
    """Return per product ``series`` (its parts and tests), ``choice`` (who speaks and why), and ``arima``.

    Parameters
    ----------
    forecaster
        A fitted `forecasting.Fengping`.

    Returns
    -------
    dict
        unique_id -> findings. ``choice``: ``group, series`` (how many), ``weights`` (alias -> share),
        ``reason`` (in English). ``arima``: ``order`` and ``aicc`` of each order tried, empty where the orders
        were chosen by other products; None where no ARIMA was kept.
    """
    choices = _choices(forecaster)
    return {
        uid: {"series": found, "choice": choices.get(uid), "arima": _arima(forecaster, uid)}
        for uid, found in diagnoses(forecaster.grid_).items()
    }


def kept_by_step(cv: pd.DataFrame) -> dict[str, Any]:
    """Count the backtest days inside the service's bands by how many days ahead they were.

    Parameters
    ----------
    cv
        `forecasting.Fengping.cv_`, of any number of products.

    Returns
    -------
    dict
        ``steps`` (1 … h), ``n`` and per level (``"80"``) how many were inside; empty without a backtest.
    """
    if cv.empty:
        return {}
    known = cv[cv["y"].notna() & cv[SERVICE].notna()]
    step = (known["ds"] - known["cutoff"]).dt.days
    counts = {"n": step.groupby(step).size()}
    for level in ("80", "95"):
        low, high = (known.get(f"{SERVICE}-{side}-{level}") for side in ("lo", "hi"))
        if low is not None and high is not None:
            inside = covered(known["y"].to_numpy(), low.to_numpy(), high.to_numpy())
            counts[level] = pd.Series(inside, index=known.index).groupby(step).sum()
    return {"steps": [int(day) for day in counts["n"].index]} | {
        name: [int(value) for value in column] for name, column in counts.items()
    }


def _choices(forecaster: Any) -> dict[str, dict[str, Any]]:
    return {
        forecaster.grid_.ids[row]: {
            "group": mixture.group,
            "series": len(mixture.rows),
            "weights": {alias: round(share, 3) for alias, share in mixture.weights.items()},
            "reason": mixture.reason,
        }
        for mixture in forecaster.mixtures_
        for row in mixture.rows
    }


def _arima(forecaster: Any, unique_id: str) -> dict[str, Any] | None:
    model = forecaster.speakers_.models.get("ARIMA")
    if model is None or unique_id not in model.orders_:
        return None
    aicc = model.tables_.get(unique_id, {}).get("aicc", {})
    return {
        "order": list(model.orders_[unique_id]),
        "aicc": {order: round(value, 2) for order, value in aicc.items()},
    }

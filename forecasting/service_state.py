"""What the service keeps on disk, and what it tells in a report."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from forecasting import catalogue, data_account
from forecasting.champion import Champion
from forecasting.direction import Direction
from forecasting.grid import Grid
from forecasting.intervals import ConformalBands
from forecasting.model import Forecaster, read_state, under, write_state
from forecasting.scores import without_nan
from forecasting.speakers import Speakers

if TYPE_CHECKING:
    from forecasting.service import Fengping

    Service = TypeVar("Service", bound=Fengping)

NAME = "fengping"
FORMAT = 4
"""Changes whenever what `save` wrote before could not be loaded any more."""


def save(service: Fengping, folder: Path) -> None:
    """Write ``fengping.json``, ``fengping.safetensors`` and ``cv.csv`` into a folder."""
    grid_meta, grid_arrays = service.grid_.to_state()
    arrays = {f"grid.{name}": value for name, value in grid_arrays.items()}
    models = {}
    for index, (alias, model) in enumerate(service.speakers_.models.items()):
        meta, weights = model.state()
        models[alias] = {"params": model.params(), "state": meta, "fallbacks": model.fallbacks_}
        arrays |= {f"model{index}.{name}": value for name, value in weights.items()}
    arrays |= {f"share.{alias}": shares for alias, shares in service.speakers_.shares.items()}
    content = {"params": _params(service), "grid": grid_meta, "models": models, **_results(service)}
    write_state(folder, NAME, content, arrays)
    service.cv_.to_csv(folder / "cv.csv", index=False)


def load(kind: type[Service], folder: Path) -> Service:
    """Read what `save` wrote."""
    content, arrays = read_state(folder, NAME)
    service = kind(**content["params"])
    service.grid_ = Grid.from_state(content["grid"], under(arrays, "grid."))
    models: dict[str, Forecaster] = {}
    for index, (alias, stored) in enumerate(content["models"].items()):
        model = catalogue.class_of(alias)(**stored["params"])
        model.grid_ = service.grid_.narrow(service.grid_.spec.without_past(model.ignore))
        model.fallbacks_ = stored["fallbacks"]
        model.restore(stored["state"], under(arrays, f"model{index}."))
        models[alias] = model
    service.speakers_ = Speakers(models, under(arrays, "share."))
    _take_results(service, content)
    dates = ["ds", "cutoff"] if content["scores"] else []
    service.cv_ = (
        pd.read_csv(folder / "cv.csv", converters={"unique_id": str}, parse_dates=dates)
        if dates
        else pd.DataFrame()
    )
    return service


def report(service: Fengping) -> dict[str, Any]:
    """Return what a report of the backtest holds, ready for JSON."""
    arima = service.speakers_.models.get("ARIMA")
    return {
        "horizon": service.h,
        "level": list(service.level),
        "series": len(service.grid_.ids),
        "cutoff": str(service.grid_.cutoff.date()),
        "models": without_nan(service.scores_),
        "champions": dict(Counter(service.champions_.values())),
        "groups": [
            {"group": m.group, "series": len(m.rows), "weights": m.weights, "reason": m.reason}
            for m in service.mixtures_
        ],
        "coverage_by_day": {str(value): shares for value, shares in service.coverage_by_day_.items()},
        "arima": getattr(arima, "tables_", None),
        "direction": without_nan(service.direction_.report()),
        "lift": service.lift_,
        "fallbacks": service.fallbacks_,
        "notes": service.notes_,
        "preparation": data_account.report(service.days_, data_account.idle_columns(service.grid_)),
    }


def _params(service: Fengping) -> dict[str, Any]:
    names = ("h", "level", "n_windows", "models", "sentiment", "seed", "suffix")
    values = {name: getattr(service, name) for name in names}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _results(service: Fengping) -> dict[str, Any]:
    return {
        "mixtures": [mixture.to_json() for mixture in service.mixtures_],
        "bands": service.bands_.to_json(),
        "champions": service.champions_,
        "reasons": service.reasons_,
        "scores": without_nan(service.scores_),
        "metrics": without_nan(service.metrics_.to_dict("records")),
        "coverage": {str(value): share for value, share in service.coverage_.items()},
        "coverage_by_day": {str(value): shares for value, shares in service.coverage_by_day_.items()},
        "direction": without_nan(service.direction_.to_json()),
        "lift": service.lift_,
        "fallbacks": service.fallbacks_,
        "notes": service.notes_,
        "days": service.days_,
    }


def _take_results(service: Fengping, content: dict[str, Any]) -> None:
    service.mixtures_ = [Champion.from_json(values) for values in content["mixtures"]]
    service.bands_ = ConformalBands.from_json(content["bands"])
    service.champions_, service.reasons_ = content["champions"], content["reasons"]
    service.direction_ = Direction.from_json(content["direction"])
    service.lift_ = content["lift"]
    service.scores_, service.metrics_ = content["scores"], pd.DataFrame(content["metrics"])
    service.coverage_ = {int(value): share for value, share in content["coverage"].items()}
    service.coverage_by_day_ = {int(value): days for value, days in content["coverage_by_day"].items()}
    service.fallbacks_, service.notes_ = content["fallbacks"], content["notes"]
    service.days_ = content["days"]

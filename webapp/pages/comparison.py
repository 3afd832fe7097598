"""How each model fared in the backtest of a product, seasonal naive always among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.models import Backtest

BASELINE = "SeasonalNaive"
SERVICE = "Fengping"
MEASURES = ("wape", "mase", "mae", "bias")


@dataclass(frozen=True)
class Row:
    """A model's errors; `gain` is how much smaller its WAPE is than the baseline's."""

    model: str
    wape: float | None
    mase: float | None
    mae: float | None
    bias: float | None
    gain: float | None
    champion: bool


def comparison(backtest: Backtest | None) -> list[Row]:
    """Return the rows, the smallest WAPE first; none where nothing was backtested."""
    if backtest is None:
        return []
    measured = {alias: _measures(metrics) for alias, metrics in backtest.metrics.items()}
    baseline = measured.get(BASELINE, {}).get("wape")
    # A mixture of models has no row of its own; the service's row is what it forecast.
    champion = backtest.champion if backtest.champion in measured else SERVICE
    rows = [
        Row(model=alias, **found, gain=_gain(found["wape"], baseline), champion=alias == champion)
        for alias, found in measured.items()
    ]
    return sorted(rows, key=lambda row: (row.wape is None, row.wape or 0.0, row.model))


def _measures(metrics: Mapping[str, Any]) -> dict[str, float | None]:
    lower = {name.lower(): value for name, value in metrics.items()}
    return {name: lower.get(name) for name in MEASURES}


def _gain(wape: float | None, baseline: float | None) -> float | None:
    return 1 - wape / baseline if wape is not None and baseline else None

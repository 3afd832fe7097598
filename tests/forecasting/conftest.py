"""Panels with planted truths."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import sample_panel

WEEK = np.array([1.0, 0.95, 0.9, 0.95, 1.1, 1.4, 1.3])
Make = Callable[..., pd.DataFrame]


def planted(
    n: int = 4,
    days: int = 300,
    seed: int = 0,
    foretold: Sequence[int] = (),
    lead: int = 5,
    strength: float = 0.6,
) -> pd.DataFrame:
    """Make n products with waves of complaints; those in ``foretold`` lose sales ``lead`` days after them."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2024-03-01", periods=days)
    parts = []
    for product in range(n):
        complaints = np.zeros(days)
        shocks = (rng.random(days) < 0.08) * rng.uniform(1, 2, days)
        for day in range(1, days):
            complaints[day] = 0.8 * complaints[day - 1] + shocks[day]
        effect = np.zeros(days)
        if product in foretold:
            effect[lead:] = -strength * complaints[:-lead]
        mean = 40 * WEEK[dates.day_of_week] * np.exp(effect)
        parts.append(
            pd.DataFrame(
                {
                    "unique_id": f"P{product:03d}",
                    "ds": dates,
                    "y": rng.poisson(mean * np.exp(0.1 * rng.normal(size=days))).astype(float),
                    "sentiment": -complaints + 0.1 * rng.normal(size=days),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="session")
def make_planted() -> Make:
    return planted


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "panel.csv.gz"
    sample_panel(days=110, ahead=7).to_csv(path, index=False)
    return path

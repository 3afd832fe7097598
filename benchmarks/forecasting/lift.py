"""`python -m benchmarks.forecasting.lift`: what the lift test finds where the truth is known.

Log sales of a product are a level (3 to 300 a day) plus a week of its own, a slow random walk, promotions
known ahead, shocks of 0.12 that last (autoregression 0.5) and, where planted, the column some days before.
Sales are negative binomial (dispersion 0.02). The size of an effect is its share of the variance of what is
left of log sales without week, trend and promotions, chance included.

Products sold rarely rise and fade within 400 days; each unit is reviewed 2 to 20 days later in a mood that
has nothing to do with sales, and the column is the mean mood of the last 28 days.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks import report
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lift import measure_lift

Array = npt.NDArray[np.float64]
DELAYS = range(2, 21)
WEEK = np.log([1.0, 0.95, 0.9, 0.95, 1.1, 1.4, 1.3])
SHOCK, DISPERSION, COLUMN = 0.12, 0.02, "sentiment"
SPEC = PanelSpec(future=("promo",), past=(COLUMN,))


@dataclass(frozen=True)
class Truth:
    """What the column is, how much of the variance it moves ``lag`` days later, and units a day if rare."""

    kind: str
    effect: float = 0.0
    lag: int = 0
    unsaid: float = 0.0
    rare: float = 0.0


TRUTHS = (
    Truth("white"),
    Truth("ar 0.9"),
    Truth("random walk"),
    Truth("season"),
    Truth("shared by all"),
    Truth("after sales"),
    Truth("ar 0.8", unsaid=0.8),
    Truth("tomorrow's sales"),
    *(Truth(f"reviews of {units} units a day", rare=units) for units in (0.02, 0.05, 0.1, 0.3, 1.0, 3.0)),
    *(Truth("ar 0.8", effect, lag) for effect in (0.05, 0.1, 0.2) for lag in (1, 3, 5, 7)),
    Truth("ar 0.8", 0.3, 1),
    Truth("ar 0.8", 0.2, 5, unsaid=0.7),
)


def alike(rng: np.random.Generator, shape: tuple[int, int], decay: float) -> Array:
    """Draw noise of variance 1 along the days whose neighbours resemble each other."""
    noise = rng.normal(size=shape)
    for day in range(1, shape[1]):
        noise[:, day] = decay * noise[:, day - 1] + np.sqrt(1 - decay**2) * noise[:, day]
    return noise


def simulate(truth: Truth, n: int, days: int = 400, seed: int = 0) -> pd.DataFrame:
    """Make a panel of n products: ``unique_id, ds, y, promo, sentiment``."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2024-01-03", periods=days)
    level = np.exp(rng.uniform(np.log(3), np.log(300), n))
    promo = (rng.random((n, days)) < 0.08) * 1.0
    mean = np.log(level)[:, None] + WEEK[dates.day_of_week] * rng.uniform(0.3, 1.5, (n, 1)) + 0.5 * promo
    mean += np.cumsum(rng.normal(0, 0.008, (n, days)), axis=1)
    mean += SHOCK * alike(rng, (n, days), 0.5)
    column = _column(rng, truth.kind, (n, days), dates)
    variance = truth.effect / (1 - truth.effect) * (SHOCK**2 + DISPERSION + 1 / level)
    if truth.effect:
        mean[:, truth.lag :] += np.sqrt(variance)[:, None] * column[:, : -truth.lag]
    y = rng.poisson(np.exp(mean) * rng.gamma(1 / DISPERSION, DISPERSION, (n, days))).astype(float)
    if truth.kind == "after sales":
        log = np.log1p(y)
        spread = (log - log.mean(axis=1, keepdims=True)) / (log.std(axis=1, keepdims=True) + 1e-9)
        column[:, 3:] = 0.6 * spread[:, :-3] + 0.8 * column[:, 3:]
    if truth.kind == "tomorrow's sales":
        column = np.concatenate([y[:, 1:], np.full((n, 1), np.nan)], axis=1)
    if truth.rare:
        y, column = _rare(rng, truth.rare, (n, days))
    column = np.where(rng.random((n, days)) < truth.unsaid, np.nan, column)
    ids = np.repeat([f"p{number:04d}" for number in range(n)], days)
    values = {"y": y.ravel(), "promo": promo.ravel(), COLUMN: column.ravel()}
    return pd.DataFrame({"unique_id": ids, "ds": np.tile(dates, n), **values})


def _rare(rng: np.random.Generator, units: float, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Draw sales of some units a day on average, and the mood of their reviews."""
    n, days = shape
    day = np.arange(days)
    peak, width = rng.uniform(0, days, (n, 1)), rng.uniform(40, 200, (n, 1))
    mean = 3 * units * np.exp(rng.normal(0, 0.5, (n, 1)) - 0.5 * ((day - peak) / width) ** 2)
    y = rng.poisson(mean * rng.gamma(1, 1, (n, days)))
    arrived = np.zeros((n, days))
    for delay in DELAYS:
        arrived[:, delay:] += rng.binomial(y[:, :-delay], 1 / len(DELAYS))
    mood = rng.normal(0.3, 0.3, (n, 1)) + np.cumsum(rng.normal(0, 0.02, (n, days)), axis=1)
    said = arrived * mood + np.sqrt(arrived) * rng.normal(0, 0.6, (n, days))
    reviews, total = (pd.DataFrame(values.T).rolling(28, min_periods=1).sum() for values in (arrived, said))
    column = (total / reviews.where(reviews > 0.5)).to_numpy().T
    return y.astype(float), column


def _column(rng: np.random.Generator, kind: str, shape: tuple[int, int], dates: pd.DatetimeIndex) -> Array:
    if kind.startswith("ar"):
        return alike(rng, shape, float(kind.split()[1]))
    if kind == "random walk":
        return np.asarray(np.cumsum(0.1 * rng.normal(size=shape), axis=1))
    if kind == "season":
        year = np.sin(2 * np.pi * dates.day_of_year.to_numpy() / 365.25 + rng.uniform(0, 6, (shape[0], 1)))
        return np.asarray(year + 2 * WEEK[dates.day_of_week] + 0.5 * alike(rng, shape, 0.5))
    if kind == "shared by all":
        return np.asarray(alike(rng, (1, shape[1]), 0.8) + 0.3 * rng.normal(size=shape))
    return rng.normal(size=shape)


def found(truth: Truth, n: int, days: int = 400, seed: int = 0) -> dict[str, Any]:
    """Measure the lift of a simulated column and count the verdicts."""
    grid = Grid.from_frame(validate_panel(simulate(truth, n, days, seed), SPEC), SPEC)
    started = time.monotonic()
    products = pd.DataFrame(measure_lift(grid, (COLUMN,))["products"])
    return {
        "column": truth.kind + (f", {truth.unsaid:.0%} of days unsaid" if truth.unsaid else ""),
        "effect": truth.effect,
        "lag": truth.lag,
        "products": n,
        "helps": float((products["verdict"] == "helps").mean()),
        "harms": float((products["verdict"] == "harms").mean()),
        "p below 0.05": float((products["p_value"] < 0.05).mean()),
        "median change of WAPE": float((products["wape_with"] / products["wape_without"] - 1).median()),
        "seconds": round(time.monotonic() - started, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every truth, and the speed of 1,000 products, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.lift", description=__doc__)
    parser.add_argument("--products", type=int, default=100, help="products of each truth")
    parser.add_argument("--many", type=int, default=1000, help="products of the last row, for its seconds")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    rows = [found(truth, options.products, seed=options.seed) for truth in TRUTHS]
    rows.append(found(Truth("white"), options.many, seed=options.seed))
    report.write("lift", rows, {"days": 400, "seed": options.seed})
    return 0


if __name__ == "__main__":
    sys.exit(main())

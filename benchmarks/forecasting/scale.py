"""`python -m benchmarks.forecasting.scale`: seconds and memory from a panel to stored points, by size."""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import report
from forecasting import Fengping, PanelSpec

DAYS, HORIZON, SEED = 730, 28, 11
KIB_PER_GIB = 1024**2


def panel(series: int, days: int = DAYS, h: int = HORIZON) -> pd.DataFrame:
    """Make series with a week, a year, promotions and prices, a third of them selling on few days.

    Parameters
    ----------
    series, days, h : int
        How many, how long, and for how many further days promotions and prices are known.
    """
    rng = np.random.default_rng(SEED)
    dates = pd.date_range("2024-01-01", periods=days + h)
    level = np.exp(rng.normal(2.5, 1.3, (series, 1)))
    level[rng.random(series) < 1 / 3] *= 0.02
    week = 1 + rng.uniform(0, 0.5, (series, 1)) * (dates.day_of_week.to_numpy() >= 5)
    year = 1 + 0.3 * np.sin(2 * np.pi * dates.day_of_year.to_numpy() / 365 + rng.uniform(0, 6, (series, 1)))
    promo = (rng.random((series, days + h)) < 0.1).astype(float)
    price = np.round(rng.uniform(10, 200, (series, 1)) * (1 - 0.15 * promo), 2)
    mean = level * week * year * (1 + 0.6 * promo)
    y = rng.negative_binomial(4, 4 / (4 + mean)).astype(float)
    y[:, days:] = np.nan
    ids = np.repeat([f"p{row:05d}" for row in range(series)], days + h)
    columns = {"y": y, "promo": promo, "price": price}
    return pd.DataFrame(
        {"unique_id": ids, "ds": np.tile(dates, series), **{name: v.ravel() for name, v in columns.items()}}
    )


def measure(series: int) -> dict[str, float]:
    """Return seconds to fit and to predict with a saved champion, and the peak memory, in its own process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (series,))


def _measure(series: int) -> dict[str, float]:
    frame, spec = panel(series), PanelSpec(future=("promo", "price"))
    started = time.monotonic()
    service = Fengping(h=HORIZON).fit(frame, spec)
    fit = time.monotonic() - started
    del frame
    with tempfile.TemporaryDirectory() as folder:
        service.save(folder)
        started = time.monotonic()
        points = Fengping.load(folder).predict()
        points.to_parquet(Path(folder) / "points.parquet")
        predict = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB
    return {
        "series": series,
        "points": len(points),
        "fit_s": fit,
        "fit_ms_per_series": 1000 * fit / series,
        "predict_s": predict,
        "peak_gib": peak,
        "wape": service.scores_["Fengping"]["wape"],
        "naive_wape": service.scores_["SeasonalNaive"]["wape"],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.scale", description=__doc__)
    parser.add_argument("--series", type=int, nargs="+", default=[1000, 3000, 10000])
    sizes = parser.parse_args(arguments).series
    about = {"days": DAYS, "horizon": HORIZON, "levels": "80, 95", "models": "auto"}
    report.write("forecasting-scale", [measure(size) for size in sizes], about)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m benchmarks.forecasting.scale`: what it costs from a panel to stored points, by size.

As in the service, more than a thousand series are cut into parts with a model each, one after another.
"""

import argparse
import json
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

DAYS, HORIZON, SEED, PART = 730, 28, 11, 1000
KIB_PER_GIB = 1024**2


def panel(series: int, days: int = DAYS, h: int = HORIZON, part: int = 0) -> pd.DataFrame:
    """Make series with a week, a year, promotions and prices, a third of them selling on few days.

    Parameters
    ----------
    series, days, h : int
        How many, how long, and for how many further days promotions and prices are known.
    part : int
        Other parts hold other series.
    """
    rng = np.random.default_rng(SEED + part)
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


def measure(series: int, kept: Path) -> dict[str, object]:
    """Return the cost of a size: its parts, each in its own process, kept as soon as it is known."""
    parts = []
    for part, begin in enumerate(range(0, series, PART)):
        size = min(PART, series - begin)
        path = kept / f"{size}-{part}.json"
        if not path.exists():
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                path.write_text(json.dumps(pool.apply(_measure, (size, part))))
        parts.append(json.loads(path.read_text()))
        print(f"{begin + size} series:", json.dumps(parts[-1]), flush=True)
    return summed(series, pd.DataFrame(parts))


def summed(series: int, parts: pd.DataFrame) -> dict[str, object]:
    """Return the row of a size: seconds of the parts add up, and the largest peak counts."""
    seconds = {name: parts[name].sum() for name in ("fit_s", "fit_cpu_s", "predict_s")}
    return {
        "series": series,
        "parts": len(parts),
        **seconds,
        "fit_cpu_ms_per_series": 1000 * seconds["fit_cpu_s"] / series,
        "peak_gib": parts["peak_gib"].max(),
        "wape": parts["wape"].mean(),
        "naive_wape": parts["naive_wape"].mean(),
    }


def _measure(series: int, part: int) -> dict[str, float]:
    frame, spec = panel(series, part=part), PanelSpec(future=("promo", "price"))
    started, worked = time.monotonic(), time.process_time()
    service = Fengping(h=HORIZON).fit(frame, spec)
    fit, fit_cpu = time.monotonic() - started, time.process_time() - worked
    del frame
    with tempfile.TemporaryDirectory() as folder:
        service.save(folder)
        started = time.monotonic()
        points = Fengping.load(folder).predict()
        points.to_parquet(Path(folder) / "points.parquet")
        predict = time.monotonic() - started
    return {
        "fit_s": fit,
        "fit_cpu_s": fit_cpu,
        "predict_s": predict,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GIB,
        "wape": service.scores_["Fengping"]["wape"],
        "naive_wape": service.scores_["SeasonalNaive"]["wape"],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not kept from an interrupted run, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.scale", description=__doc__)
    parser.add_argument("--series", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument(
        "--keep", type=Path, default=report.RESULTS / "forecasting-scale", help="folder of parts"
    )
    given = parser.parse_args(arguments)
    given.keep.mkdir(parents=True, exist_ok=True)
    about = {"days": DAYS, "horizon": HORIZON, "levels": "80, 95", "models": "auto"}
    report.write("forecasting-scale", [measure(size, given.keep) for size in given.series], about)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Turn scored reviews into one row of features per product and day.

Whole days are computed from reviews that arrived up to that day; nothing later can change one.
"""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FEATURE_VERSION = "1"
"""Changes whenever the same reviews would give other features."""

WINDOWS = (7, 28)
"""Days of the trailing windows, the day itself included."""

_DAILY = (
    "reviews",
    "sentiment_mean",
    "sentiment_std",
    "negative_share",
    "positive_share",
    "rating_mean",
    "length_mean",
    "suspect_share",
)
_SMOOTHED = ("reviews", "sentiment_mean", "negative_share", "positive_share", "rating_mean")

FEATURES = _DAILY + tuple(f"{name}_{days}" for days in WINDOWS for name in _SMOOTHED)
"""Names of the feature columns that `daily_features` returns, in order."""

_REQUIRED = ("product_id", "ds", "score", "label", "rating", "length", "is_suspect")

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


def local_days(created_at: "pd.Series[Any]", timezone: str = "Asia/Shanghai") -> "pd.Series[Any]":
    """Return the calendar day on which moments fall in the shop's time zone.

    Parameters
    ----------
    created_at : Series of aware datetimes
        When reviews arrived.
    timezone : str
        IANA name of the shop's time zone.

    Returns
    -------
    Series of datetime64
        Midnights without a zone, same index.

    Raises
    ------
    ValueError
        When a moment has no time zone: its day cannot be known.
    """
    aware = created_at.dt.tz is not None if hasattr(created_at, "dt") else _all_aware(created_at)
    if not aware:
        raise ValueError(
            "created_at holds moments without a time zone; give them one before asking for their day"
        )
    moments = pd.to_datetime(created_at, utc=True)
    return moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()


def _all_aware(moments: "pd.Series[Any]") -> bool:
    return all(pd.isna(moment) or moment.tzinfo is not None for moment in moments)


def daily_features(reviews: pd.DataFrame, start: date | None = None, end: date | None = None) -> pd.DataFrame:
    """Return one row of features per product and day.

    Parameters
    ----------
    reviews : DataFrame
        One row a review: `product_id`, `ds` (day of arrival in the shop's zone), `score` (-1 to 1, NaN where
        not scored), `label`, `rating` (1 to 5 or NaN), `length` (characters), `is_suspect`; optionally
        `weight`, what a review counts instead of 1 (0: as if it had not come).
    start : date, optional
        First day returned; by default each product's first review. Earlier ones still count in windows.
    end : date, optional
        Last day returned, for all products; by default the last review of all. Later ones are not read.

    Returns
    -------
    DataFrame
        `product_id`, `ds` and `FEATURES`, sorted by product and day without gaps. A day without reviews has
        `reviews` 0 and NaN in the other daily columns. `reviews_7` is reviews per day over the trailing seven
        days; the other smoothed columns are means over all reviews of the window, so that a day weighs by its
        reviews, and keep their last value while the window is empty. The deviation is the population's.

    Raises
    ------
    ValueError
        When columns are missing; names them.
    """
    missing = [name for name in _REQUIRED if name not in reviews.columns]
    if missing:
        raise ValueError(f"reviews lack the columns {', '.join(missing)}")
    frame = reviews.assign(ds=pd.to_datetime(reviews["ds"]).dt.normalize())
    if end is not None:
        frame = frame[frame["ds"] <= pd.Timestamp(end)]
    if frame.empty:
        return _empty(reviews)
    grid = _Grid(frame, start, pd.Timestamp(end) if end is not None else frame["ds"].max())
    table = _columns(frame, grid)
    if start is not None:
        table = table[table["ds"] >= pd.Timestamp(start)]
    return table.reset_index(drop=True)


class _Grid:
    """The rows of the answer: each product's days from its first review (or `start`) to `end`."""

    def __init__(self, frame: pd.DataFrame, start: date | None, end: pd.Timestamp) -> None:
        codes, products = pd.factorize(frame["product_id"], sort=True)
        days = _day_numbers(frame["ds"])
        first = np.full(len(products), np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(first, codes, days)
        if start is not None:
            first = np.minimum(first, _day_numbers(pd.Series([pd.Timestamp(start)]))[0])
        lengths = _day_numbers(pd.Series([end]))[0] - first + 1
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        self.size = int(offsets[-1])
        self.product_ids = np.repeat(np.asarray(products), lengths)
        self.age: _Ints = np.arange(self.size) - np.repeat(offsets[:-1], lengths)
        """Days since the first row of the same product."""
        self.ds = pd.to_datetime(np.repeat(first, lengths) + self.age, unit="D")
        self._rows: _Ints = offsets[:-1][codes] + days - first[codes]
        self._weight: _Floats | float = frame["weight"].to_numpy(float) if "weight" in frame else 1.0

    def sums(self, values: _Floats) -> _Floats:
        """Sum one value a review, NaN as nothing, over each row."""
        total = np.bincount(self._rows, np.nan_to_num(values) * self._weight, minlength=self.size)
        return total.astype(np.float64)

    def squares(self, values: _Floats, means: _Floats) -> _Floats:
        """Sum the squared distances of one value a review from its row's mean."""
        return self.sums((values - means[self._rows]) ** 2)

    def trailing(self, daily: _Floats, days: int) -> _Floats:
        """Sum a daily column over the last `days` days of the same product, the day itself included."""
        total = daily.copy()
        for lag in range(1, min(days, self.size)):
            total[lag:] += np.where(self.age[lag:] >= lag, daily[:-lag], 0.0)
        return total

    def carried(self, values: _Floats) -> _Floats:
        """Fill NaN with the product's last value."""
        known = np.where(np.isnan(values), -1, np.arange(self.size))
        last = np.maximum.accumulate(known)
        own = last >= np.arange(self.size) - self.age
        return np.where(own, values[np.maximum(last, 0)], np.nan)


def _day_numbers(days: "pd.Series[Any]") -> _Ints:
    numbers: _Ints = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    return numbers


def _ratio(total: _Floats, count: _Floats) -> _Floats:
    ratio: _Floats = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return ratio


def _is_labelled(frame: pd.DataFrame, label: str) -> _Floats:
    labelled: _Floats = (frame["label"] == label).to_numpy().astype(float)
    return labelled


def _columns(frame: pd.DataFrame, grid: _Grid) -> pd.DataFrame:
    score = frame["score"].to_numpy(dtype=float, na_value=np.nan)
    rating = frame["rating"].to_numpy(dtype=float, na_value=np.nan)
    reviews = grid.sums(np.ones(len(frame)))
    scored = grid.sums((~np.isnan(score)).astype(float))
    parts: dict[str, tuple[_Floats, _Floats]] = {
        "sentiment_mean": (grid.sums(score), scored),
        "negative_share": (grid.sums(_is_labelled(frame, "negative")), scored),
        "positive_share": (grid.sums(_is_labelled(frame, "positive")), scored),
        "rating_mean": (grid.sums(rating), grid.sums((~np.isnan(rating)).astype(float))),
        "length_mean": (grid.sums(frame["length"].to_numpy(dtype=float, na_value=np.nan)), reviews),
        "suspect_share": (grid.sums(frame["is_suspect"].to_numpy(dtype=float, na_value=0.0)), reviews),
    }
    columns: dict[str, Any] = {
        "product_id": grid.product_ids,
        "ds": grid.ds,
        "reviews": reviews if "weight" in frame else reviews.astype(np.int64),
    }
    columns |= {name: _ratio(*part) for name, part in parts.items()}
    columns["sentiment_std"] = np.sqrt(_ratio(grid.squares(score, columns["sentiment_mean"]), scored))
    for days in WINDOWS:
        columns[f"reviews_{days}"] = grid.trailing(reviews, days) / days
        for name in _SMOOTHED[1:]:
            total, count = (grid.trailing(part, days) for part in parts[name])
            columns[f"{name}_{days}"] = grid.carried(_ratio(total, count))
    return pd.DataFrame(columns)[["product_id", "ds", *FEATURES]]


def _empty(reviews: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({name: np.empty(0) for name in FEATURES})
    table["reviews"] = table["reviews"].astype(np.int64)
    table.insert(0, "product_id", reviews["product_id"].iloc[:0].to_numpy())
    table.insert(1, "ds", pd.to_datetime(pd.Series([], dtype="datetime64[ns]")))
    return table

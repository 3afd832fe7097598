"""Features of a day that everybody knows ahead: days off around it and sales festivals."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.calendar import EVENTS, DaysOff, calendar_features
from forecasting.grid import Array

NEAR = 3
FAR = 15
LONG_OFF = 3
Flags = npt.NDArray[np.bool_]


def calendar_of_days(days: pd.DatetimeIndex, forced: DaysOff = ()) -> Iterator[tuple[str, Array]]:
    """Describe days by the days off around them and by the sales festivals.

    Parameters
    ----------
    days : DatetimeIndex
        Consecutive days, D of them.
    forced : tuple of (date, bool)
        Days taken for a day off or for an ordinary one, see `forecasting.calendar.calendar_features`.

    Yields
    ------
    name, (1, D) array
        ``holiday:off-3`` … ``holiday:off+3``, the length of the run of days off around a day and the day's
        place in it, the days until and since a run of at least three, 调休 workdays, and the nearest sales
        festival: which, and how many days away.
    """
    wide = pd.date_range(days[0] - pd.Timedelta(days=FAR), days[-1] + pd.Timedelta(days=FAR), freq="D")
    features = calendar_features(wide, forced)
    off = features["off_workday"].to_numpy() + (wide.day_of_week >= 5) - features["on_weekend"].to_numpy() > 0
    inner = slice(FAR, -FAR)
    for shift in range(-NEAR, NEAR + 1):
        yield f"holiday:off{shift:+d}", np.roll(off, -shift)[None, inner].astype(float)
    length, place = runs(off)
    long = length >= LONG_OFF
    yield "holiday:length", length[None, inner]
    yield "holiday:place", place[None, inner]
    yield "holiday:until", days_until(long[None])[:, inner]
    yield "holiday:since", days_until(long[None, ::-1])[:, ::-1][:, inner]
    yield "holiday:make_up", features["on_weekend"].to_numpy()[None, inner]
    yield from sales_festivals(features.iloc[inner])


def sales_festivals(features: pd.DataFrame) -> Iterator[tuple[str, Array]]:
    """Tell which sales festival is near, and which phase of it a day belongs to."""
    which = np.zeros(len(features))
    phase = np.zeros(len(features))
    for number, event in enumerate((event for event in EVENTS if event.kind == "promotion"), start=1):
        for suffix, sign in (("_before", -1.0), ("_after", 2.0), ("", 1.0)):
            if event.key + suffix in features:
                share = features[event.key + suffix].to_numpy()
                which[share > 0] = number
                phase[share > 0] = sign * share[share > 0] if suffix else 1.0
    yield "shopping_festival:which", which[None]
    yield "shopping_festival:phase", phase[None]


def days_until(flags: Flags) -> Array:
    """Count the days until the next flag, (n, D); 0 on one, `FAR` where none is near."""
    days = np.arange(flags.shape[1])
    following = np.where(flags, days, days + 2 * FAR + flags.shape[1])
    following = np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(following - days, FAR).astype(float)


def runs(flags: Flags) -> tuple[Array, Array]:
    """Return the length of the run of flags around each day and the day's place in it, both (D,)."""
    before = np.zeros(len(flags))
    after = np.zeros(len(flags))
    for day in range(len(flags)):
        before[day] = flags[day] * (1 + (before[day - 1] if day else 0))
    for day in range(len(flags) - 1, -1, -1):
        after[day] = flags[day] * (1 + (after[day + 1] if day + 1 < len(flags) else 0))
    return np.maximum(before + after - 1, 0.0), before

"""Find hours and days on which a product got far more reviews than its own history lets expect."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

HISTORY = 28
"""Days before a day from which its reviews are expected."""

YOUNGEST = 14
"""Days since a product's first review before which nothing can be expected of it."""

FEWEST = 10
"""Reviews in an hour, or a day, below which it is no burst."""

RATIO = 3.0
"""Times the expected reviews below which it is no burst, however unlikely."""

FALSE_DISCOVERIES = 0.01
"""Share of falsely found days among those found, per product, that the test keeps to."""

_DISPERSION = 0.1
_DRAW = 10.0

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


def find_bursts(
    products: Sequence[Hashable],
    hours: npt.NDArray[np.datetime64],
    counts: Sequence[int] | None = None,
    shops: Sequence[Hashable] | None = None,
) -> npt.NDArray[np.bool_]:
    """Tell which reviews, or cells of reviews, arrived in a burst.

    The reviews of a day are expected from the `HISTORY` days before, earlier bursts left out, times what the
    other products of the shop got that day above their own expectation: on 618 or 11.11 all rise together.
    They are tested against the upper tail of a negative binomial with the history's variance; hours likewise,
    by the hour's share in the history. Levels fall by the LOND rule (A. Javanmard and A. Montanari, "On
    Online Control of False Discovery Rate", 2015), so that no later day changes what is said of an earlier.

    Parameters
    ----------
    products : sequence, length n
        Of which product a review is.
    hours : ndarray of datetime64[h], shape (n,)
        When it arrived, by the shop's clock. Dates alone (midnights) do: then only days tell.
    counts : sequence of int, length n, optional
        Reviews in each cell; one by default.
    shops : sequence, length n, optional
        Whose product it is; one shop by default.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for those of a burst's hour, or of its whole day where the rest of the day is a burst too.
    """
    found = np.zeros(len(products), dtype=bool)
    sizes = np.ones(len(products), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    by_shop: dict[Hashable, dict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
    for place, product in enumerate(products):
        by_shop[shops[place] if shops is not None else None][product].append(place)
    numbers = hours.astype("datetime64[h]").astype(np.int64)
    for shop in by_shop.values():
        histories = [_History(np.array(places), numbers, sizes) for places in shop.values()]
        together = _Shop(histories)
        for history in histories:
            found[history.places] = history.bursts(together)
    return found


class _History:
    """A product's reviews by day and hour, from its first day to its last."""

    def __init__(self, places: _Ints, numbers: _Ints, sizes: _Ints) -> None:
        self.places = places
        self._day, self._hour = np.divmod(numbers[places], 24)
        self.first = int(self._day.min())
        self._day -= self.first
        self._by_hour: _Floats = np.zeros((int(self._day.max()) + 1, 24))
        np.add.at(self._by_hour, (self._day, self._hour), sizes[places])
        self.daily: _Floats = self._by_hour.sum(axis=1)
        before = np.concatenate([[0.0], np.cumsum(self.daily)])[:-1]
        age = np.arange(len(self.daily))
        lagged = before - np.where(age > HISTORY, np.roll(before, HISTORY), 0.0)
        self.expected: _Floats = lagged / np.clip(age, 1, HISTORY)
        """Mean of the days before, bursts and all: (days,)."""

    def bursts(self, shop: "_Shop") -> npt.NDArray[np.bool_]:
        usual = self._by_hour.copy()  # (days, 24), bursts replaced by what was expected
        flagged = np.zeros(usual.shape, dtype=bool)
        discoveries = 0
        for day in np.flatnonzero(self.daily >= FEWEST):
            if day < YOUNGEST:
                continue
            expected, shape = _expectation(usual[max(0, day - HISTORY) : day], shop.lift(self, int(day)))
            tested = day - YOUNGEST + 1
            level = FALSE_DISCOVERIES * 6 / (np.pi * tested) ** 2 * (discoveries + 1)
            burst = _burst_hours(self._by_hour[day], expected, shape, level)
            if burst.any():
                flagged[day] = burst
                usual[day, burst] = expected[burst]
                discoveries += 1
        return np.asarray(flagged[self._day, self._hour])


class _Shop:
    """What the products of a shop got together, and were expected to get, by day."""

    def __init__(self, histories: Sequence[_History]) -> None:
        self._first = min(history.first for history in histories)
        last = max(history.first + len(history.daily) for history in histories)
        self._got = np.zeros(last - self._first)
        self._expected = np.zeros(last - self._first)
        for history in histories:
            known = self._known(history)
            self._got[known] += history.daily[YOUNGEST:]
            self._expected[known] += history.expected[YOUNGEST:]

    def lift(self, history: _History, day: int) -> float:
        """Return how many times their expectation the other products got; at least one."""
        place = history.first - self._first + day
        got = self._got[place] - history.daily[day]
        expected = self._expected[place] - history.expected[day]
        return max(1.0, float((got + _DRAW) / (expected + _DRAW)))

    def _known(self, history: _History) -> slice:
        start = history.first - self._first
        return slice(start + YOUNGEST, max(start + YOUNGEST, start + len(history.daily)))


def _expectation(usual: _Floats, lift: float) -> tuple[_Floats, float]:
    """Return the reviews expected in each hour, (24,), and the shape of their negative binomial."""
    daily = usual.sum(axis=1)
    total = float(daily.sum())
    mean = (total + 0.5) / (len(daily) + 1)
    extra = (float(daily.var()) - mean) / mean**2
    share = (usual.sum(axis=0) + 1) / (total + 24)
    return mean * lift * share, 1 / (max(_DISPERSION, extra) + 1 / (total + 1))


def _burst_hours(got: _Floats, expected: _Floats, shape: float, level: float) -> npt.NDArray[np.bool_]:
    """Return the hours that are bursts, (24,): half of the level is theirs, half the rest of the day's."""
    burst: npt.NDArray[np.bool_] = _exceeds(got, expected, shape, level / 48)
    if _exceeds(got[~burst].sum(), expected.sum(), shape, level / 2):
        burst[:] = True
    return burst


def _exceeds(got: Any, expected: Any, shape: float, level: float) -> Any:
    """Tell whether counts are so many, so much more than expected, and so unlikely to be chance.

    The tail P(X >= got) of a negative binomial is a regularised incomplete beta function.
    """
    tail = betainc(np.maximum(got, 1.0), shape, expected / (expected + shape))
    return (got >= FEWEST) & (got >= RATIO * expected) & (tail < level)

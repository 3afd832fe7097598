"""What is known on a day about whether the days to come sell more than the days before."""

from collections.abc import Iterator

import numpy as np

from forecasting.calendar import EVENTS
from forecasting.design import Days
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.trailing import trailing_mean

YEAR = 52 * SEASON
WEEKS = 8
SMALL = 0.1
LEAST_SPREAD = 0.05
KNOWN_SHARE = 0.5
FARTHEST = 5.0
KINDS = ("promotion", "festival")


class DirectionDesign:
    """Features of origins t that foretell whether the days t + 1 … t + h sell more than t - h + 1 … t.

    Sales are compared by their means over the known days, closed days included. Ratios are logarithms in
    units of what the series' own ratio of two consecutive horizons usually is, so that one regression serves
    calm and restless series.

    Parameters
    ----------
    grid : Grid
        n series over T known days.
    h : int
        Days of the horizon.
    ahead : int
        Days after the last known one that are described: h to speak about them, 0 to learn.
    """

    def __init__(self, grid: Grid, h: int, ahead: int = 0) -> None:
        self.grid, self.h = grid, h
        self.sales = Sums(grid.y)
        days = np.arange(grid.length)
        self.floor = SMALL * self.sales.mean(days - YEAR + 1, days + 1) + 1e-9
        recent = self.sales.mean(days - h + 1, days + 1)
        ratio = np.full(grid.y.shape, np.nan)
        ratio[:, h:] = np.log((recent + self.floor)[:, h:] / (recent[:, :-h] + self.floor[:, h:]))
        spread = np.sqrt(Sums(ratio**2).mean(np.zeros_like(days), days + 1))
        self.spread = np.maximum(np.where(np.isfinite(spread), spread, 1.0), LEAST_SPREAD)
        self.weekday = trailing_mean(grid.demand, WEEKS, SEASON)
        self.known_ahead = dict(self._known_ahead(ahead))

    @property
    def names(self) -> list[str]:
        """Names of the columns of `features`."""
        return [name for name, _ in self._columns(np.zeros(1, dtype=np.int64))]

    def features(self, origins: Days) -> Array:
        """Return the features of all series on R origins, (n, R, F), zero where unknown."""
        shape = len(self.grid.ids), len(origins)
        columns = [np.broadcast_to(values, shape) for _, values in self._columns(origins)]
        return np.clip(np.nan_to_num(np.stack(columns, axis=2)), -FARTHEST, FARTHEST)

    def rose(self, origins: Days) -> Array:
        """Tell as 0 and 1 whether more was sold after the origins than before, (n, R), NaN where unknown."""
        return self.rose_to(self._mean(origins + 1), origins)

    def rose_to(self, after: Array, origins: Days) -> Array:
        """Tell the same of given mean daily sales after the origins, (n, R)."""
        before = self.before(origins)
        return np.where(np.isfinite(before) & np.isfinite(after), after > before * (1 + 1e-9), np.nan)

    def before(self, origins: Days) -> Array:
        """Return the mean daily sales of the h days up to the origins, (n, R)."""
        return self._mean(origins + 1 - self.h)

    def ratio(self, after: Array, origins: Days) -> Array:
        """Return the scaled log of mean daily sales over those before the origins, (n, R)."""
        return self._log(after, self.before(origins), origins)

    def _mean(self, first: Days) -> Array:
        """Return the mean of h days, NaN where less than half of them are known."""
        stop = first + self.h
        inside = (first >= 0) & (stop <= self.grid.length)
        known = inside & (self.sales.count(first, stop) >= KNOWN_SHARE * self.h)
        return np.where(known, self.sales.mean(first, stop), np.nan)

    def _log(self, above: Array, below: Array, origins: Days) -> Array:
        floor = self.floor[:, origins]
        return np.asarray(np.log((above + floor) / (below + floor)) / self.spread[:, origins])

    def _columns(self, origins: Days) -> Iterator[tuple[str, Array]]:
        h, stop = self.h, origins + 1
        last = self.sales.mean(stop - h, stop)
        for spans in (2, 4):
            yield f"level{spans}", self._log(last, self.sales.mean(stop - spans * h, stop), origins)
        yield "level_year", self._log(last, self.sales.mean(stop - YEAR, stop), origins)
        yield "momentum", self._log(self.sales.mean(stop - SEASON, stop), last, origins)
        then = stop - YEAR
        year_ago = self._log(self.sales.mean(then, then + h), self.sales.mean(then - h, then), origins)
        yield "year_ago", np.where(then >= h, year_ago, 0.0)
        yield "weekday", self._weekdays(origins)
        yield "noise", np.log(self.spread[:, origins])
        for name, sums in self.known_ahead.items():
            yield name, sums.mean(stop, stop + h) - sums.mean(stop - h, stop)
        for index, name in enumerate(self.grid.spec.past):
            yield f"past:{name}", self._past(self.grid.past[:, :, index], stop)

    def _weekdays(self, origins: Days) -> Array:
        """Compare the weekdays to come with those before: only a broken week differs."""
        weeks, rest = divmod(self.h, SEASON)
        if rest == 0:
            return np.zeros((1, len(origins)))
        week = np.stack([self.weekday[:, np.maximum(origins - back, 0)] for back in range(SEASON)])
        coming, before = (
            (weeks * week.sum(axis=0) + part.sum(axis=0)) / self.h
            for part in (week[SEASON - rest :], week[:rest])
        )
        return self._log(coming, before, origins)

    def _known_ahead(self, ahead: int) -> Iterator[tuple[str, "Sums"]]:
        calendar, names = self.grid.calendar(ahead)
        yield "off", Sums(calendar[None, :, names.index("off")])
        for kind in KINDS:
            columns = [names.index(event.key) for event in EVENTS if event.kind == kind]
            yield kind, Sums(calendar[None, :, columns].sum(axis=2))
        yield "closed", Sums(self.grid.closed_until(ahead).astype(float))
        values = self.grid.known_ahead(ahead)
        for index, name in enumerate(self.grid.spec.future):
            yield f"future:{name}", Sums(values[:, :, index])

    def _past(self, values: Array, stop: Days) -> Array:
        sums = Sums(values)
        everything = np.array([0]), np.array([values.shape[1]])
        square = Sums(values**2).mean(*everything) - sums.mean(*everything) ** 2
        spread = np.sqrt(np.maximum(np.nan_to_num(square), 0.0))
        change = sums.mean(stop - self.h, stop) - sums.mean(stop - 4 * self.h, stop)
        return change / np.where(spread > 1e-9, spread, 1.0)


class Sums:
    """Means of n series over any span of days, (n, T) known or NaN."""

    def __init__(self, values: Array) -> None:
        known = np.isfinite(values)
        start = np.zeros((len(values), 1))
        self._total = np.hstack([start, np.cumsum(np.where(known, values, 0.0), axis=1)])
        self._known = np.hstack([start, np.cumsum(known, axis=1)])

    def count(self, first: Days, stop: Days) -> Array:
        """Return how many days from ``first`` to before ``stop`` are known, (n, R)."""
        return self._between(self._known, first, stop)

    def mean(self, first: Days, stop: Days) -> Array:
        """Return the mean of the known days from ``first`` to before ``stop``, (n, R), NaN without any."""
        count = self.count(first, stop)
        total = self._between(self._total, first, stop)
        return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)

    def _between(self, sums: Array, first: Days, stop: Days) -> Array:
        last = sums.shape[1] - 1
        return np.asarray(sums[:, np.clip(stop, 0, last)] - sums[:, np.clip(first, 0, last)])

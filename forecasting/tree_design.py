"""What boosted trees may know on day t about day s = t + k: one row per series and pair of days."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecasting.day_design import calendar_of_days, days_until
from forecasting.design import Days
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.similarity import EMBEDDING
from forecasting.tide import LEVEL, YEAR, ebb
from forecasting.trailing import carried, trailing_mean

Features = npt.NDArray[np.float32]
LEAST_LEVEL = 0.05
SPANS = (3, 7, 14, 56, 112, YEAR)
WEEKS = (1, 2, 4, 8, 13)
LEADS = (-14, -7, -3, -2, -1, 1, 2, 3, 7)
SPARSE = 0.03
CODES = 8
OWN_PRIOR = 2.0


@dataclass(frozen=True)
class Layout:
    """Which features a panel supports; decided once, when a model is fitted.

    Parameters
    ----------
    sparse : bool
        Days without sales are common, so there are features of intermittent demand.
    yearly : bool
        A year and a month are known, so the season of the year was seen once.
    closures : bool
        Some value of a known-ahead column means closed.
    festive : bool
        Chinese days off and festivals are among the features.
    codes : dict
        Known-ahead column -> its values where they are few: each series' own response is a feature.
    spreads : dict
        Past column -> its standard deviation in the panel, the unit it is measured in.
    lasting, highest : float
        What is left of a tide, and the highest one known, see `forecasting.tide.ebb`.
    """

    sparse: bool
    yearly: bool
    closures: bool
    festive: bool
    codes: dict[str, list[float]]
    spreads: dict[str, float]
    lasting: float = 1.0
    highest: float = 0.0

    @classmethod
    def of(cls, grid: Grid, festive: bool, h: int = 0) -> "Layout":
        """Look at a panel; with ``h``, also at what is left of a tide over so many days."""
        known = np.isfinite(grid.demand)
        zeros = float((grid.demand == 0).sum()) / max(int(known.sum()), 1)
        codes = {}
        for index, name in enumerate(grid.spec.future):
            column = grid.future[:, : grid.length, index]
            values = np.unique(column[np.isfinite(column)])
            if len(values) <= CODES:
                codes[name] = [float(value) for value in values]
        spreads = {name: _spread(grid.past[:, :, index]) for index, name in enumerate(grid.spec.past)}
        yearly, closures = grid.length >= YEAR + LEVEL, bool(grid.closed.any())
        tides = ebb(grid.demand, grid.tide, h) if h else ()
        return cls(zeros > SPARSE, yearly, closures, festive, codes, spreads, *tides)

    def to_json(self) -> dict[str, Any]:
        """Return the layout as JSON-ready values."""
        return asdict(self)


class TreeDesign:
    """Features of pairs (origin t, target s) of every series, all of them known on day t.

    Sales are measured in units of the series' mean, and most features against its level, the mean of the 28
    days up to the origin, so that one model serves shops of any size. Of a level that all series share, as
    before Christmas, only what will last counts; a tide higher than any seen counts as the highest seen.

    Parameters
    ----------
    grid : Grid
        n series over T known days.
    h : int
        Days ahead of the last known day that are described.
    layout : Layout
        Which features there are.
    reach : int
        Days ahead of an origin that known-ahead columns are taken to be known, and no further.
    codes : (n,) array of int
        Number of each series, for what is its own.

    Attributes
    ----------
    unit : (n,) array
        Mean daily sales of each series over its last year.
    sold : (n, T) array
        Sales in units, NaN where unknown.
    base : (n, T) array
        What will last of the level on each day, in units, never zero.
    names : list of str
        Columns of `rows`, each ``driver:detail``.
    """

    def __init__(self, grid: Grid, h: int, layout: Layout, reach: int, codes: Days) -> None:
        self.grid, self.h, self.layout, self.reach, self.codes = grid, h, layout, reach, codes
        self.unit = _mean_of_year(grid.demand)
        self.sold = grid.demand / self.unit[:, None]
        self.level = carried(trailing_mean(self.sold, LEVEL))
        passing = (1 - layout.lasting) * grid.tide.clip(-layout.highest, layout.highest)
        self.base = np.maximum(np.nan_to_num(self.level), LEAST_LEVEL) * np.exp(-passing)
        self.ahead = grid.known_ahead(h)
        self._origin = _narrow(self._origin_features())
        self._same = [trailing_mean(self.sold, weeks, SEASON) for weeks in WEEKS]
        self._week = _shift(trailing_mean(self.sold, SEASON), 3)
        self._day = _narrow(self._day_features())
        self._own = list(self._own_responses())
        self._closing = days_until(self.grid.closed_until(self.h)) if layout.closures else np.zeros((0, 0))
        future = grid.spec.future
        self.names = [
            *self._origin,
            *(f"weekday:same{weeks}" for weeks in WEEKS),
            *("season:year_ago", "season:level_year_ago"),
            *self._day,
            *(f"{name}:{lead:+d}" for name in future for lead in LEADS),
            *(f"{name}:own" for name, _, _ in self._own),
            *(["closure:until"] if layout.closures else []),
            *("trend:days_ahead", "trend:level", "product:id"),
        ]

    def rows(self, series: Days, origins: Days, targets: Days) -> Features:
        """Return the features of R pairs of days, (R, len(names)), NaN where unknown."""
        base, ahead = self.base[series, origins], targets - origins
        same = targets - SEASON * (-(-ahead // SEASON))
        columns: list[npt.NDArray[Any]] = [values[series, origins] for values in self._origin.values()]
        columns += [values[series, same] / base for values in self._same]
        columns += self._year_ago(series, origins, targets)
        columns += [values[series % len(values), targets] for values in self._day.values()]
        columns += [
            self._lead(index, series, origins, targets + lead)
            for index in range(self.ahead.shape[2])
            for lead in LEADS
        ]
        columns += [cube[series, origins, code[series % len(code), targets]] for _, cube, code in self._own]
        if self.layout.closures:
            columns.append(self._until_closed(series, origins, targets))
        columns += [ahead, self.level[series, origins], self.codes[series]]
        return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)

    def pairs(self, first: int, rng: np.random.Generator) -> tuple[Days, Days, Days]:
        """Pair each known day from ``first`` on with a random origin 1 … h days before it."""
        series, targets = np.nonzero(np.isfinite(self.sold[:, first:]))
        targets = targets + first
        origins = targets - rng.integers(1, self.reach + 1, len(targets))
        kept = (origins >= 2 * SEASON) & np.isfinite(self.level[series, np.maximum(origins, 0)])
        return series[kept], origins[kept], targets[kept]

    def _origin_features(self) -> Iterator[tuple[str, Array]]:
        base = self.base
        yield "trend:last", self.sold / base
        yield "trend:before_last", _shift(self.sold, -1) / base
        for days in SPANS:
            yield f"trend:mean{days}", trailing_mean(self.sold, days) / base
        for weight in (0.1, 0.3):
            yield f"trend:smooth{weight}", _smooth(self.sold, weight) / base
        square = trailing_mean((self.sold - self.level) ** 2, LEVEL)
        yield "trend:spread", np.sqrt(square) / base
        yield "trend:size", np.broadcast_to(np.log(self.unit)[:, None], base.shape)
        if self.layout.sparse:
            yield from self._sparse_features()
        yield from self._past_features()
        for index, name in enumerate(self.grid.spec.static):
            if not name.startswith(EMBEDDING):
                yield f"product:static{index}", np.broadcast_to(self.grid.static[:, [index]], base.shape)

    def _sparse_features(self) -> Iterator[tuple[str, Array]]:
        empty = np.where(np.isfinite(self.sold), self.sold == 0, np.nan)
        for days in (28, 112):
            yield f"trend:empty{days}", trailing_mean(empty, days)
        day = np.arange(self.sold.shape[1])
        last = np.maximum.accumulate(np.where(self.sold > 0, day, -1), axis=1)
        yield "trend:since_sale", (day - last).astype(float)
        yield (
            "trend:sale",
            carried(trailing_mean(np.where(self.sold > 0, self.sold, np.nan), 56)) / self.base,
        )

    def _past_features(self) -> Iterator[tuple[str, Array]]:
        for index, name in enumerate(self.grid.spec.past):
            values = self.grid.past[:, :, index]
            spread = self.layout.spreads[name]
            week, month = trailing_mean(values, SEASON), trailing_mean(values, LEVEL)
            yield f"{name}:week", week / spread
            yield f"{name}:change", (week - month) / spread

    def _day_features(self) -> Iterator[tuple[str, Array]]:
        days = self.grid.days(self.h)
        yield "weekday:day", days.day_of_week.to_numpy(float)[None]
        if self.layout.yearly:
            yield "season:day", days.day_of_year.to_numpy(float)[None]
            yield "season:month", days.month.to_numpy(float)[None]
            yield "season:day_of_month", days.day.to_numpy(float)[None]
        if self.layout.festive:
            yield from calendar_of_days(days, self.grid.forced)
        for index, name in enumerate(self.grid.spec.future):
            yield f"{name}:day", self.ahead[:, :, index]
            yield f"{name}:usual", trailing_mean(self.ahead[:, :, index], LEVEL)
        if self.layout.closures:
            yield "closure:since", days_until(self.grid.closed_until(self.h)[:, ::-1])[:, ::-1]

    def _until_closed(self, series: Days, origins: Days, targets: Days) -> Array:
        until = self._closing[series, targets]
        return np.where(targets + until <= origins + self.reach, until, np.nan)

    def _lead(self, index: int, series: Days, origins: Days, days: Days) -> Array:
        known = (days <= origins + self.reach) & (days < self.ahead.shape[1])
        return np.where(known, self.ahead[series, np.where(known, days, 0), index], np.nan)

    def _year_ago(self, series: Days, origins: Days, targets: Days) -> list[Array]:
        then, before = targets - YEAR, origins - YEAR
        known = before >= 0
        level = np.where(known, self.level[series, np.maximum(before, 0)], np.nan)
        week = self._week[series, np.maximum(then, 0)]
        base = self.base[series, np.maximum(before, 0)]
        return [np.where(np.isfinite(level), week / base, np.nan), level]

    def _own_responses(self) -> Iterator[tuple[str, Features, Days]]:
        """Yield how each series answered to each value so far, (n, T, values), and the value of each day."""
        usual = np.full_like(self.sold, np.nan)
        usual[:, SEASON:] = carried(self._same[2])[:, :-SEASON]
        surprise = self.sold - usual
        for name, values in self.layout.codes.items():
            column = self.ahead[:, :, self.grid.spec.future.index(name)]
            code = np.searchsorted(values, np.nan_to_num(column, nan=values[0])).clip(max=len(values) - 1)
            cube = np.stack(
                [_shrunk(surprise, column[:, : surprise.shape[1]] == value) for value in values], axis=2
            )
            yield name, cube, code


def _shrunk(surprise: Array, here: npt.NDArray[np.bool_]) -> Features:
    """Average a surprise over the days so far that count, drawn to zero: (n, T)."""
    known = here & np.isfinite(surprise)
    total = np.cumsum(np.where(known, surprise, 0.0), axis=1)
    return np.asarray(total / (np.cumsum(known, axis=1) + OWN_PRIOR), dtype=np.float32)


def _narrow(features: Iterator[tuple[str, Array]]) -> dict[str, Features]:
    return {name: np.asarray(values, dtype=np.float32) for name, values in features}


def _spread(values: Array) -> float:
    known = values[np.isfinite(values)]
    return (float(known.std()) if known.size else 0.0) or 1.0


def _mean_of_year(demand: Array) -> Array:
    recent = demand[:, -YEAR:]
    known = np.isfinite(recent)
    mean = np.where(known, recent, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.where(mean > 0, mean, 1.0))


def _shift(values: Array, days: int) -> Array:
    """Return the values of so many days later, NaN where there are none: (n, T) -> (n, T)."""
    moved = np.full_like(values, np.nan)
    if days > 0:
        moved[:, :-days] = values[:, days:]
    else:
        moved[:, -days:] = values[:, :days]
    return moved


def _smooth(values: Array, weight: float) -> Array:
    """Smooth exponentially over the known days, (n, T)."""
    smooth = np.full_like(values, np.nan)
    state = np.full(len(values), np.nan)
    for day in range(values.shape[1]):
        now = values[:, day]
        moved = np.where(np.isfinite(state), weight * now + (1 - weight) * state, now)
        state = np.where(np.isfinite(now), moved, state)
        smooth[:, day] = state
    return smooth

"""What a forecast made on day t may use to speak about day t + k, as arrays."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from forecasting.calendar import EVENTS
from forecasting.exog_scale import ExogScale
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.tide import LEVEL
from forecasting.trailing import carried, trailing_mean

Features = npt.NDArray[np.float32]
Days = npt.NDArray[np.int64]
SINGLE_LAGS_UP_TO = 4
TWO_YEARS = 2 * 365


class Design:
    """Features of targets k days after origins t, all from days up to t or known ahead.

    Everything is on the scale of log(1 + sales), relative to the level of the 28 days up to the origin and
    divided by the series' spread, so that one regression can serve shops of any size.

    Parameters
    ----------
    grid : Grid
        n series over T known days.
    h : int
        The longest horizon.
    exog : ExogScale, optional
        How known-ahead columns become numbers; by default as the grid shows them.
    """

    def __init__(self, grid: Grid, h: int, exog: ExogScale | None = None) -> None:
        self.grid = grid
        self.h = h
        self.log = np.log1p(grid.demand)
        self.level = carried(trailing_mean(self.log, LEVEL))
        self.week = trailing_mean(self.log, SEASON)
        self.deviation = self.log - self.week
        self.scale = _spread(self.log - self.level)
        self.calendar, self.calendar_names = grid.calendar(h)
        if grid.length < TWO_YEARS:
            self.calendar[:, [name.startswith("year_") for name in self.calendar_names]] = 0.0
        self.exog, self.exog_names = self._exog(exog or ExogScale.of(grid))

    @cached_property
    def names(self) -> list[str]:
        """Names of the columns of `known`, each ``driver:detail``."""
        trend = ["last", "mean3", "mean7", "mean14", "mean56", "mean112"]
        weekday = ["same", "same4", "same8", "deviation1", "deviation4", "deviation8"]
        names = [f"trend:{name}" for name in trend] + [f"weekday:{name}" for name in weekday]
        names += ["season:year_ago", "season:has_year"]
        names += [f"{driver_of(name)}:{name}" for name in self.calendar_names] + ["holiday:off_change"]
        for label in ("day", "against_weekday", "against_level"):
            names += [f"{name.partition('=')[0]}:{name}:{label}" for name in self.exog_names]
        return names

    @cached_property
    def seen_calendar(self) -> Array:
        """The calendar without yearly events while there are not two years to see them in, (T + h, C)."""
        weekly = ("week_", "off", "on_weekend")
        keep = [self.grid.length >= TWO_YEARS or name.startswith(weekly) for name in self.calendar_names]
        return self.calendar[:, keep]

    @cached_property
    def is_shared(self) -> npt.NDArray[np.bool_]:
        """Which columns of `known` are the same for every series on a day."""
        return np.isin(self.names, [f"{driver_of(name)}:{name}" for name in self.calendar_names])

    def target(self, k: int, origins: Days) -> Array:
        """Return the scaled log sales of day t + k against the level at t, (n, R)."""
        return np.asarray((self.log[:, origins + k] - self.level[:, origins]) / self.scale[:, None])

    def known(self, k: int, origins: Days) -> Features:
        """Return the features of all series, (n, R, len(names)), zero where unknown."""
        n, rows = len(self.grid.ids), len(origins)
        target = origins + k
        same = target - SEASON * (-(-k // SEASON))
        level = self.level[:, origins]
        columns = [self.log[:, origins] - level]
        columns += [mean[:, origins] - level for mean in self._means]
        columns += [values[:, same] - level for values in self.same_weekday]
        columns += [values[:, same] for values in self.same_weekday_deviation]
        columns += self._year_ago(target, origins)
        relative = np.stack(columns, axis=2) / self.scale[:, None, None]
        relative[:, :, -1] = np.isfinite(relative[:, :, -2])
        today = np.broadcast_to(self.calendar[target], (n, rows, self.calendar.shape[1]))
        off = self.calendar[:, self.calendar_names.index("off")]
        change = np.broadcast_to((off[target] - off[same])[:, None], (n, rows, 1))
        exog = self.exog[:, target]
        parts = [
            relative,
            today,
            change,
            exog,
            exog - self._exog_same[:, same],
            exog - self._exog_level[:, origins],
        ]
        return np.nan_to_num(np.concatenate(parts, axis=2), nan=0.0).astype(np.float32)

    def own(self, k: int, origins: Days) -> Features:
        """Return the features of each series' own correction, (n, R, len(own_names))."""
        n, target = len(self.grid.ids), origins + k
        weekday = np.eye(SEASON)[self.grid.days(self.h).day_of_week[target]]
        offs = self.calendar[target][:, [self.calendar_names.index(name) for name in _OFFS]]
        shared = np.concatenate([weekday, offs], axis=1)
        exog = self.exog[:, target] - self._exog_level[:, origins]
        return np.concatenate([np.broadcast_to(shared, (n, *shared.shape)), exog], axis=2).astype(np.float32)

    @cached_property
    def own_names(self) -> list[str]:
        """Names of the columns of `own`."""
        names = [f"weekday:own{day}" for day in range(SEASON)] + [f"holiday:own_{name}" for name in _OFFS]
        return names + [f"{name.partition('=')[0]}:{name}:own" for name in self.exog_names]

    def _exog(self, scale: ExogScale) -> tuple[Array, list[str]]:
        """Return the known-ahead columns, few-valued codes as indicators, (n, T + h, E), and their names."""
        raw = self.grid.known_ahead(self.h)
        parts, names = [np.zeros((*raw.shape[:2], 0))], []
        for index, name in enumerate(self.grid.spec.future):
            column = raw[:, :, index]
            if name in scale.codes:
                parts += [(column == value)[:, :, None].astype(float) for value in scale.codes[name]]
                names += [f"{name}={value:g}" for value in scale.codes[name]]
            else:
                parts.append(((column - scale.centre[name]) / scale.spread[name])[:, :, None])
                names.append(name)
        return np.nan_to_num(np.concatenate(parts, axis=2)), names

    @cached_property
    def _exog_same(self) -> Array:
        return _each_column(self.exog, 4, SEASON)

    @cached_property
    def _exog_level(self) -> Array:
        return _each_column(self.exog, LEVEL, 1)

    @cached_property
    def _means(self) -> list[Array]:
        return [trailing_mean(self.log, days) for days in (3, 7, 14, 56, 112)]

    @cached_property
    def same_weekday(self) -> list[Array]:
        """Mean log sales of the last 1, 4 and 8 same weekdays up to each day, each (n, T)."""
        return [trailing_mean(self.log, weeks, SEASON) for weeks in (1, 4, 8)]

    @cached_property
    def same_weekday_deviation(self) -> list[Array]:
        """The same of the deviations from the week's mean."""
        return [trailing_mean(self.deviation, weeks, SEASON) for weeks in (1, 4, 8)]

    def _year_ago(self, target: Days, origins: Days) -> list[Array]:
        back = 52 * SEASON
        if self.grid.length < TWO_YEARS:
            return [np.full((len(self.grid.ids), len(target)), np.nan)] * 2
        then = np.where(target - back >= 0, target - back + 3, 0)
        before = np.where(origins - back >= 0, origins - back, 0)
        change = self.week[:, then] - self.level[:, before]
        change[:, (origins - back < LEVEL)] = np.nan
        return [change, change]


class PastDesign:
    """Features from the past columns: what was known on day t, lined up with the day it may foretell.

    For a target in week b of the horizon, the columns hold the values 7b + 1 … 7b + 28 days before that
    target: single days for the first week (of up to four columns) and means of 7 and 14 days before. A day
    that is later than the origin is replaced by what the last day and the last week let expect of it, by a
    regression of the column on itself.

    Parameters
    ----------
    grid : Grid
        n series over T known days with P past columns.
    """

    def __init__(self, grid: Grid) -> None:
        centre, spread = _moments(grid.past)
        self.names = list(grid.spec.past)
        self.values = np.nan_to_num((grid.past - centre[:, None]) / spread[:, None])
        self._spans = {days: _trailing_cube(self.values, days) for days in (1, 3, 4, 7, 14)}
        self._ahead: dict[tuple[int, int], Array] = {}

    @property
    def lags(self) -> list[tuple[int, int]]:
        """Days before the target (in week 0) at which a span ends, and its length."""
        fine = len(self.names) <= SINGLE_LAGS_UP_TO
        near = [(lag, 1) for lag in range(1, SEASON + 1)] if fine else [(1, 3), (4, 4)]
        return [*near, (8, 7), (15, 14)]

    def features(self, k: int, origins: Days) -> Features:
        """Return the features of targets k days after the origins, (n, R, P * len(lags))."""
        base = (k - 1) // SEASON * SEASON
        columns = []
        for lag, days in self.lags:
            at = origins + k - base - lag
            late = at > origins
            span = self._spans[days][:, np.clip(np.minimum(at, origins), 0, None)]
            if late.any():
                span[:, late] = self._expected(days, int(at[0] - origins[0]))[:, origins[late]]
            columns.append(span)
        return np.concatenate(columns, axis=2).astype(np.float32)

    def _expected(self, days: int, ahead: int) -> Array:
        """Return what each day lets expect of the span that ends some days later, (n, T, P)."""
        if (days, ahead) not in self._ahead:
            last, week, later = self._spans[1], self._spans[SEASON], self._spans[days][:, ahead:]
            known = np.stack([last, week], axis=3)
            seen = known[:, : later.shape[1]]
            gram = np.einsum("ntpa,ntpb->npab", seen, seen) + np.eye(2)
            moment = np.einsum("ntpa,ntp->npa", seen, later)
            coef = np.linalg.solve(gram, moment[..., None])[..., 0]
            self._ahead[days, ahead] = np.einsum("ntpa,npa->ntp", known, coef)
        return self._ahead[days, ahead]

    def feature_names(self) -> list[str]:
        """Return the names of the columns of `features`."""
        return [f"{name}:{lag}+{days}" for lag, days in self.lags for name in self.names]


_OFFS = ("off_workday", "on_weekend")
_KIND = {"promotion": "shopping_festival", "festival": "holiday", "season": "season"}
_DRIVERS = {"week": "weekday", "year": "season", "off": "holiday", "on": "holiday"} | {
    event.key: _KIND[event.kind] for event in EVENTS
}


def driver_of(calendar_name: str) -> str:
    """Return which driver a calendar feature belongs to."""
    base = calendar_name.removesuffix("_before").removesuffix("_after")
    return _DRIVERS.get(base) or _DRIVERS[calendar_name.partition("_")[0]]


def apply(features: Features, coef: Array) -> Array:
    """Sum features (n, R, P) weighted by each series' own coefficients (n, P): (n, R)."""
    return np.asarray((features @ coef[:, :, None].astype(np.float32))[:, :, 0])


def _each_column(cube: Array, count: int, step: int) -> Array:
    columns = [trailing_mean(cube[:, :, index], count, step) for index in range(cube.shape[2])]
    return np.stack(columns, axis=2) if columns else cube


def _spread(values: Array) -> Array:
    known = np.isfinite(values)
    square = np.where(known, values, 0.0) ** 2
    return np.asarray(np.maximum(np.sqrt(square.sum(1) / np.maximum(known.sum(1), 1)), 0.05))


def _moments(past: Array) -> tuple[Array, Array]:
    known = np.isfinite(past)
    count = np.maximum(known.sum(axis=1), 1)
    centre = np.where(known, past, 0.0).sum(axis=1) / count
    square = np.where(known, past - centre[:, None], 0.0) ** 2
    spread = np.sqrt(square.sum(axis=1) / count)
    return centre, np.where(spread > 1e-9, spread, 1.0)


def _trailing_cube(values: Array, days: int) -> Array:
    if days == 1:
        return values
    total = np.cumsum(values, axis=1)
    total[:, days:] = total[:, days:] - total[:, :-days].copy()
    width = np.minimum(np.arange(values.shape[1]) + 1, days)
    return np.asarray(total / width[None, :, None])

"""Bands around forecasts, from how wrong the same forecasts were at earlier cutoffs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from sklearn.linear_model import PoissonRegressor

from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.model import naive

Flags = npt.NDArray[np.bool_]
Bands = dict[int, tuple[Array, Array]]
MOST_ROWS = 60_000
OWN_WEIGHT = 100.0
NEWEST = 3
PENALTY = 1e-3
LEAST = 0.02
TINY = 1e-6
FEW = 50
FEATURES = 4
STEP = 0.8
MOST_MISSES = 0.5
RARE = 0.15
FEW_VALUES = 8
ENOUGH_CHANGES = 14
GUESSES = 400


@dataclass(frozen=True)
class Outlook:
    """Forecasts as bands see them.

    Parameters
    ----------
    yhat : (..., n, h) array
        Forecasts.
    size : (..., n) array
        Size of each series at the cutoff, see `size`.
    unrest : (..., n) array
        How much each series changes from week to week at the cutoff, see `unrest`.
    special : (..., n, h) array of bool
        Days unlike most, see `special_days`.
    closed : (..., n, h) array of bool
        Days known to be closed: their forecast is exact.
    """

    yhat: Array
    size: Array
    unrest: Array
    special: Flags
    closed: Flags

    def __getitem__(self, part: Any) -> "Outlook":
        """Return some windows."""
        return Outlook(
            self.yhat[part], self.size[part], self.unrest[part], self.special[part], self.closed[part]
        )


@dataclass(frozen=True)
class Reach:
    """How far a band reaches, in units of the expected error.

    Parameters
    ----------
    first, low, high : float
        Lower end by which cells are told apart, and both ends where the lower one stays above zero.
    alone : float
        The upper end where the band begins at zero: no sale can be missed below it.
    still : float
        The same where the forecast itself rounds to nothing: goods that no longer sell say little about
        those that sell now and then.
    """

    first: float
    low: float
    high: float
    alone: float
    still: float


@dataclass
class ConformalBands:
    """Split-conformal bands (Vovk et al., 2005) scaled by the error to be expected.

    The expected absolute error of a cell is a Poisson regression on the series' unrest, the height of the
    forecast, the day of the horizon and whether the day is special, times a factor of each series' own (Lei
    et al., 2018, on scaled scores). Quantiles of error over expected error, pooled over all series, make the
    band; where it begins at zero, all misses are above. The share of misses aimed at adapts to those seen in
    later windows (Gibbs & Candès, 2021).

    Parameters
    ----------
    level : sequence of int
        Nominal coverages in per cent.

    Attributes
    ----------
    own_ : (n,) array
        Each series' errors so far relative to those expected, drawn to 1.
    coef_ : (5,) array
        Intercept and coefficients of the regression.
    grain_ : float
        1 where sales are whole numbers, so that a lower end below 1 is 0; else 0.
    reach_ : dict
        Level -> `Reach`.
    """

    level: Sequence[int]
    own_: Array = field(init=False)
    coef_: Array = field(init=False)
    grain_: float = field(init=False)
    reach_: dict[int, Reach] = field(init=False)

    def fit(self, errors: Array, outlook: Outlook) -> "ConformalBands":
        """Learn from errors (w, n, h), sales minus forecast, NaN where unknown, in order of time.

        The newest three windows are enough: how wrong forecasts are changes with the season.
        """
        newest = slice(max(len(errors) - NEWEST, 0), None)
        errors, outlook = errors[newest], outlook[newest]
        misses = {value: 1 - value / 100 for value in self.level}
        for window in range(2, len(errors)):
            bands = ConformalBands(self.level)._fit(errors[:window], outlook[:window], misses)
            found = bands.predict(outlook[window])
            for value, target in misses.items():
                missed = _missed(errors[window], outlook[window], found[value], bands.grain_ / 2)
                misses[value] = float(np.clip(target + STEP * (1 - value / 100 - missed), 0.005, MOST_MISSES))
        return self._fit(errors, outlook, misses)

    def _fit(self, errors: Array, outlook: Outlook, misses: Mapping[int, float]) -> "ConformalBands":
        scaled = np.where(outlook.closed, np.nan, errors / outlook.size[..., None])
        known = np.isfinite(scaled)
        self.own_ = np.ones(scaled.shape[1])
        self.coef_ = np.zeros(FEATURES + 1)
        actual = (outlook.yhat + errors)[known]
        self.grain_ = float(np.allclose(actual, np.round(actual), atol=TINY))
        self.reach_ = dict.fromkeys(self.level, Reach(0.0, 0.0, 0.0, 0.0, 0.0))
        if not known.any():
            return self
        features = _features(outlook)
        self.coef_ = _regression(features[known], np.abs(scaled[known]))
        expected = _expected(features, self.coef_)
        self.own_ = _own(np.abs(scaled), expected, known)
        expected = (expected * self.own_[:, None] * outlook.size[..., None])[known]
        score = errors[known] / expected
        height = (outlook.yhat[known] - self.grain_) / expected
        nothing = outlook.yhat[known] < self.grain_ / 2
        # Days known to be closed are always covered; they count half, to be fair with and without them.
        exact = 1 + 0.5 * float((outlook.closed & np.isfinite(errors)).sum() / known.sum())
        for value in self.level:
            self.reach_[value] = _reach(score, height, nothing, min(misses[value] * exact, MOST_MISSES))
        return self

    def predict(self, outlook: Outlook, rows: Sequence[int] | None = None) -> Bands:
        """Lay bands around forecasts: nested, holding the forecast, never below zero.

        Parameters
        ----------
        outlook : Outlook
            Forecasts of every series, or of those in ``rows``.
        rows : sequence of int, optional
            Which of the fitted series they are.
        """
        yhat = outlook.yhat
        own = self.own_ if rows is None else self.own_[list(rows)]
        expected = _expected(_features(outlook), self.coef_) * (own * outlook.size)[..., None]
        bands: Bands = {}
        low = high = yhat
        for value in sorted(self.level):
            reach = self.reach_[value]
            alone = yhat - self.grain_ + reach.first * expected < TINY * expected
            below = np.where(alone, 0.0, yhat + reach.low * expected)
            upper = np.where(yhat < self.grain_ / 2, reach.still, reach.alone)
            above = yhat + np.where(alone, upper, reach.high) * expected
            low = np.where(outlook.closed, 0.0, np.maximum(np.minimum(low, below), 0.0))
            high = np.where(outlook.closed, 0.0, np.maximum(high, above))
            bands[value] = (low, high)
        return bands

    def to_json(self) -> dict[str, Any]:
        """Return everything learned as JSON-ready values."""
        return {
            "own": self.own_.tolist(),
            "coef": self.coef_.tolist(),
            "grain": self.grain_,
            "reach": {str(value): asdict(reach) for value, reach in self.reach_.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ConformalBands":
        """Rebuild what `to_json` returned."""
        bands = cls([int(value) for value in values["reach"]])
        bands.own_, bands.coef_ = np.array(values["own"]), np.array(values["coef"])
        bands.grain_ = values["grain"]
        bands.reach_ = {int(value): Reach(**reach) for value, reach in values["reach"].items()}
        return bands


def _reach(score: Array, height: Array, nothing: Flags, misses: float) -> Reach:
    """Return the quantiles of scores so that a share ``misses`` of them lies outside."""
    first = _quantile(score[~nothing] if (~nothing).sum() >= FEW else score, misses / 2)
    alone = height + first < TINY
    apart = score[~alone] if (~alone).sum() >= FEW else score
    together = score[alone] if alone.sum() >= FEW else score
    selling, still = (score[alone & here] for here in (~nothing, nothing))
    return Reach(
        first,
        _quantile(apart, misses / 2),
        _quantile(apart, 1 - misses / 2),
        *(_quantile(part if len(part) >= FEW else together, 1 - misses) for part in (selling, still)),
    )


def _quantile(values: Array, share: float) -> float:
    """Return a quantile with the finite-sample correction, away from the middle."""
    count = len(values)
    moved = 0.5 + (share - 0.5) * (1 + 1 / count)
    return float(np.quantile(values, min(max(moved, 0.0), 1.0)))


def _features(outlook: Outlook) -> Array:
    """Return (..., n, h, 4) what the error to be expected depends on."""
    shape = outlook.yhat.shape
    steps = np.arange(1, shape[-1] + 1) / shape[-1]
    return np.stack(
        [
            np.broadcast_to(np.log(outlook.unrest)[..., None], shape),
            np.log(outlook.yhat / outlook.size[..., None] + 0.05),
            np.broadcast_to(steps, shape),
            outlook.special.astype(float),
        ],
        axis=-1,
    )


def _regression(features: Array, size: Array) -> Array:
    step = -(-len(size) // MOST_ROWS)
    model = PoissonRegressor(alpha=PENALTY, max_iter=300).fit(features[::step], size[::step] + 1e-6)
    return np.concatenate([[model.intercept_], model.coef_])


def _expected(features: Array, coef: Array) -> Array:
    return np.asarray(np.exp(np.clip(coef[0] + features @ coef[1:], -12.0, 6.0)))


def _own(error: Array, expected: Array, known: Flags) -> Array:
    """Return each series' factor: errors over expected errors, drawn to 1 where there are few."""
    seen = np.where(known, error, 0.0).sum(axis=(0, 2))
    hoped = np.where(known, expected, 0.0).sum(axis=(0, 2))
    prior = OWN_WEIGHT * hoped / np.maximum(known.sum(axis=(0, 2)), 1)
    return np.asarray(np.where(hoped > 0, (seen + prior) / np.maximum(hoped + prior, 1e-12), 1.0))


def _missed(errors: Array, outlook: Outlook, band: tuple[Array, Array], nothing: float) -> float:
    """Return the share of misses, without goods that no longer sell where others do: they hardly miss."""
    known = np.isfinite(errors)
    told = known & ((outlook.yhat >= nothing) | outlook.closed)
    known = told if told.sum() >= FEW else known
    actual = outlook.yhat + errors
    outside = (actual < band[0] - 1e-9) | (actual > band[1] + 1e-9)
    return float(outside[known].mean()) if known.any() else 0.0


def size(y: Array) -> Array:
    """Return what errors of a series are measured against, (n,).

    That is one plus the mean sales of its last 8 weeks or of its last year, whichever is larger, so that a
    shop closed for a while does not seem to have shrunk to nothing.
    """
    return np.asarray(1.0 + np.maximum(*(_mean(y[:, -days:]) for days in (8 * SEASON, 52 * SEASON))))


def unrest(demand: Array) -> Array:
    """Return the mean change from the same weekday before over the last 8 weeks, in units of `size`, (n,).

    A series that shows few such changes yet is taken to be nearly as restless as half of the others are, and
    more so while its level is known from a few days only.
    """
    recent = demand[:, -9 * SEASON :]
    change = np.abs(recent[:, SEASON:] - recent[:, :-SEASON])
    own = np.maximum(_mean(change) / size(demand), LEAST)
    shown = np.minimum(np.isfinite(change).sum(axis=1) / ENOUGH_CHANGES, 1.0)
    usual = np.median(own[shown == 1]) if (shown == 1).any() else own
    days = np.maximum(np.isfinite(recent).sum(axis=1), 1)
    return np.asarray(shown * own + (1 - shown) * usual * np.sqrt(1 + 1 / days))


def special_days(grid: Grid, h: int) -> Flags:
    """Find the days unlike most: days off moved to or from the weekend, and rare known-ahead values.

    Returns
    -------
    (n, T + h) array of bool
    """
    calendar, names = grid.calendar(h)
    moved = calendar[:, [names.index("off_workday"), names.index("on_weekend")]].sum(axis=1) > 0
    special = np.broadcast_to(moved, (len(grid.ids), len(moved))).copy()
    for index in range(grid.future.shape[2]):
        column = grid.future[:, : len(moved), index]
        values, counts = np.unique(column[np.isfinite(column)], return_counts=True)
        if len(values) <= FEW_VALUES:
            rare = values[counts < RARE * counts.sum()]
            special[:, : column.shape[1]] |= np.isin(column, rare)
    return special


def in_sample(grid: Grid, h: int, windows: int = 4) -> tuple[Array, Outlook]:
    """Return errors of the seasonal naive within the history, for when there are no earlier cutoffs."""
    starts = [start for back in range(windows, 0, -1) if (start := grid.length - back * h) >= SEASON]
    if not starts:
        return _around_mean(grid.y)
    views = [grid.until(start) for start in starts]
    yhat = np.stack([naive(view, h) for view in views])
    errors = np.stack([grid.y[:, start : start + h] for start in starts]) - yhat
    nothing = np.zeros(yhat.shape, dtype=bool)
    return errors, Outlook(yhat, *_sizes(views), nothing, nothing)


def _around_mean(y: Array) -> tuple[Array, Outlook]:
    """Return normal errors around the means of a few days, as large as the days differ.

    They are at least those of Poisson counts or, where sales are no whole numbers, half the mean: one day
    alone does not differ from itself.
    """
    known = np.isfinite(y)
    days, mean = np.maximum(known.sum(axis=1), 1), _mean(y)
    seen = np.where(known, (y - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(days - 1, 1)
    whole = np.allclose(y[known], np.round(y[known]), atol=TINY)
    least = (mean * days + 0.5) / days if whole else (mean / 2) ** 2
    spread = np.sqrt(np.maximum(seen, least) * (1 + 1 / days))
    errors = spread[:, None] * norm.ppf((np.arange(GUESSES) + 0.5) / GUESSES)
    errors = np.where(known.any(axis=1, keepdims=True), errors, np.nan)[None]
    nothing, sizes = np.zeros(errors.shape, dtype=bool), size(y)[None]
    yhat = np.broadcast_to(mean[None, :, None], errors.shape)
    return errors, Outlook(yhat, sizes, np.ones_like(sizes), nothing, nothing)


def _mean(y: Array) -> Array:
    known = np.isfinite(y)
    return np.asarray(np.where(known, y, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _sizes(views: Sequence[Grid]) -> tuple[Array, Array]:
    return np.stack([size(view.likely) for view in views]), np.stack([unrest(view.demand) for view in views])

"""Will the coming horizon sell more than the last one?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from forecasting.backtest import Backtest
from forecasting.champion import SERVICE
from forecasting.direction_design import DirectionDesign
from forecasting.grid import Array, Grid
from forecasting.leaning import Leaning
from forecasting.metrics import evaluate_probability

PRIOR = (0.85, 0.5)
PRIOR_ROWS = 16
FARTHEST = 4.0
ROBUST = 1.4826
TOO_SHORT = "the history is too short for a backtest, so this is the base rate"


@dataclass(frozen=True)
class Evidence:
    """What is known about n series at a cutoff, and, where the horizon is over, what happened.

    Attributes
    ----------
    leaning : (n,) array
        Log-odds of the regression against the base rate.
    ratio : (n,) array
        Scaled log of the forecast over the last sales; NaN where too few of those are known.
    missed, rose : (n,) arrays
        Scaled log of the sales over the forecast, and 1 where more was sold than before; else NaN.
    """

    leaning: Array
    ratio: Array
    missed: Array
    rose: Array

    @classmethod
    def gather(cls, leaning: Leaning, grid: Grid, yhat: Array, sold: Array | None = None) -> Self:
        """Look at a grid's cutoff with the forecast of the h days after it, and their sales, both (n, h)."""
        h = yhat.shape[1]
        design, last = DirectionDesign(grid, h, ahead=h), np.array([grid.length - 1])
        after = _mean_of_known(np.full(yhat.shape, np.nan) if sold is None else sold)
        ratio = design.ratio(yhat.mean(axis=1, keepdims=True), last)
        missed = design.ratio(after, last) - ratio
        columns = leaning.of(design.features(last)), ratio, missed, design.rose_to(after, last)
        return cls(*(column[:, 0] for column in columns))


@dataclass(frozen=True)
class Opinion:
    """How the forecast is read, and how much it counts beside the regression.

    Parameters
    ----------
    shift, spread : float
        What sales usually are above the forecast, and how far around that they lie, on the scale of ratios.
    weights : (float, float)
        Of the forecast and of the regression, on the scale of log-odds.
    """

    shift: float = 0.0
    spread: float = 1.0
    weights: tuple[float, float] = PRIOR

    @classmethod
    def learn(cls, windows: Sequence[Evidence], likeness: float) -> Self:
        """Learn from windows that are over.

        The weights are drawn to given ones by imaginary observations (Bedrick, Christensen & Johnson, 1996),
        because few windows show little; the series of a window count as if there were as many as would be as
        informative were they independent (Kish, 1965).
        """
        missed = np.concatenate([window.missed for window in windows])
        missed = missed[np.isfinite(missed)]
        if len(missed) == 0:
            return cls()
        count = len(windows)
        shift = float(np.median(missed))
        square = (ROBUST * float(np.median(np.abs(missed - shift)))) ** 2
        read = cls(shift * count / (count + 1), float(np.sqrt((count * square + 1) / (count + 1))))
        x = np.concatenate([read.columns(window) for window in windows])
        rose = np.concatenate([window.rose for window in windows])
        known = np.isfinite(rose)
        imagined = np.repeat(np.vstack([np.eye(2), -np.eye(2)]), 2, axis=0)
        answer = np.tile([1.0, 0.0], 4)
        chance = expit(imagined @ PRIOR)
        belief = np.where(answer > 0, chance, 1 - chance) * PRIOR_ROWS / 4
        others = max(int(known.sum()) / count - 1, 0.0)
        each = np.full(known.sum(), 1 / (1 + others * likeness))
        model = LogisticRegression(C=np.inf, fit_intercept=False)
        model.fit(
            np.vstack([imagined, x[known]]),
            np.concatenate([answer, rose[known]]),
            sample_weight=np.concatenate([belief, each]),
        )
        of_forecast, of_regression = (max(float(weight), 0.0) for weight in model.coef_[0])
        return cls(read.shift, read.spread, (of_forecast, of_regression))

    def columns(self, evidence: Evidence) -> Array:
        """Return what is weighed, (n, 2): how many usual errors the forecast is above, and the regression."""
        above = np.clip((evidence.ratio + self.shift) / self.spread, -FARTHEST, FARTHEST)
        return np.column_stack([np.nan_to_num(above), evidence.leaning])

    def probability(self, evidence: Evidence) -> Array:
        """Return the probability that more is sold, (n,), NaN where the last sales are not known."""
        said = expit(self.columns(evidence) @ self.weights)
        return np.where(np.isfinite(evidence.ratio), said, np.nan)


class Direction:
    """The probability that the next h days sell more than the last h, for every series.

    Two things are weighed. A logistic regression of all series and past days says how far the odds differ
    from even, see `Leaning`. The service's forecast says how many of its usual errors it lies above the last
    sales. How usual errors are, and how much either counts, is learned from the windows of a backtest, see
    `Opinion`. There is no intercept: whether most series rose lately says little about the next weeks.

    Where this was no better than always saying the base rate, the base rate is said.

    Attributes
    ----------
    leaning_ : Leaning
    opinion_ : Opinion
    scores_ : dict
        See `forecasting.metrics.evaluate_probability`, over the reported windows; empty without a backtest.
    """

    leaning_: Leaning
    opinion_: Opinion
    scores_: dict[str, float]

    def fit(self, grid: Grid, h: int, backtest: Backtest | None = None) -> Self:
        """Learn from a panel and from a backtest's windows, each judged with those before it."""
        self.leaning_, self.opinion_, self.scores_ = Leaning.learn(grid, h), Opinion(), {}
        if backtest is not None:
            self.opinion_, self.scores_ = _judge(backtest)
        return self

    @property
    def trusted(self) -> bool:
        """Whether it beat the base rate in the backtest."""
        return bool(self.scores_) and self.scores_["brier"] < self.scores_["brier_base"]

    @property
    def reason(self) -> str:
        """What the probability rests on, in words."""
        if not self.scores_:
            return TOO_SHORT
        figures = f"Brier score {self.scores_['brier']:.3f}, base rate {self.scores_['brier_base']:.3f}"
        return figures if self.trusted else f"no better than the base rate, which is said instead: {figures}"

    def predict(self, grid: Grid, yhat: Array) -> Array:
        """Return the probability that the h days after the cutoff sell more than the h up to it, (n,).

        A series whose last sales are not known well enough gets the base rate.

        Parameters
        ----------
        grid : Grid
            Any of the series, with their known-ahead columns.
        yhat : (n, h) array
            The service's forecast.
        """
        base = self.leaning_.base
        if not self.trusted:
            return np.full(len(yhat), base)
        said = self.opinion_.probability(Evidence.gather(self.leaning_, grid, yhat))
        return np.where(np.isfinite(said), said, base)

    def report(self) -> dict[str, Any]:
        """Return the scores, the base rate, whether it is trusted and the reason."""
        return {
            **self.scores_,
            "base_rate": self.leaning_.base,
            "trusted": self.trusted,
            "reason": self.reason,
        }

    def to_json(self) -> dict[str, Any]:
        """Return what was learned as JSON-ready values."""
        return {
            "leaning": asdict(self.leaning_),
            "opinion": asdict(self.opinion_),
            "scores": self.scores_,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` returned."""
        direction = cls()
        direction.leaning_ = Leaning(**values["leaning"])
        opinion = values["opinion"]
        direction.opinion_ = Opinion(opinion["shift"], opinion["spread"], tuple(opinion["weights"]))
        direction.scores_ = dict(values["scores"])
        return direction


def _judge(backtest: Backtest) -> tuple[Opinion, dict[str, float]]:
    """Say at each cutoff what would have been said there, and learn from it for the next."""
    said, base, rose = (np.full(backtest.y.shape[:2], np.nan) for _ in range(3))
    opinion, over = Opinion(), list[Evidence]()
    for window, start in enumerate(backtest.starts):
        grid = backtest.grid.until(start)
        leaning = Leaning.learn(grid, backtest.h)
        evidence = Evidence.gather(leaning, grid, backtest.yhat[SERVICE][window], backtest.y[window])
        said[window], base[window], rose[window] = opinion.probability(evidence), leaning.base, evidence.rose
        over.append(evidence)
        opinion = Opinion.learn(over, leaning.likeness)
    reported = backtest.reported
    return opinion, evaluate_probability(*(values[reported].ravel() for values in (said, base, rose)))


def _mean_of_known(values: Array) -> Array:
    """Return the mean of each row, (n, 1), NaN where less than half of it is known."""
    known = np.isfinite(values)
    count = known.sum(axis=1, keepdims=True)
    mean = np.where(known, values, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return np.where(2 * count >= values.shape[1], mean, np.nan)

"""Whether a model's errors have grown, and whether another one would do better."""

from dataclasses import dataclass

import numpy as np

from forecasting.diebold_mariano import diebold_mariano
from forecasting.grid import Array

SLACK = 0.5
LIMIT = 6.0
MOST_ALIKE = 0.8
LEAST_SPREAD = 0.05
TINY = 1e-9
LEAST_REFERENCE = 14
LEAST_DAYS = 7
ENOUGH_DAYS = 14
SURE = 0.1
AHEAD = 2


@dataclass(frozen=True)
class Verdict:
    """A decision and why it was taken, in words."""

    yes: bool
    reason: str


def daily_loss(y: Array, yhat: Array) -> Array:
    """Return the mean absolute error over series of each day, (n, d) -> (d,), NaN where nothing is known."""
    error = np.abs(y - yhat)
    known = np.isfinite(error)
    count = known.sum(axis=0)
    return np.asarray(
        np.where(count > 0, np.where(known, error, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)
    )


def cusum(values: Array, reference: Array) -> Array:
    """Return the cumulative sum of what lies above the usual after each day (Page, 1954), (d,).

    Logarithms of losses are counted in units of their spread, the wider the more a day's loss is like that
    of the day before, less half a unit a day.

    Parameters
    ----------
    values : (d,) array
        Losses in order of days; a NaN leaves the sum as it is.
    reference : (D,) array
        Losses when all was well; theirs are the mean and the spread that values are measured by.
    """
    usual = np.log(np.maximum(reference[np.isfinite(reference)], TINY))
    rest = usual - usual.mean()
    alike = float((rest[1:] * rest[:-1]).sum() / max(float((rest**2).sum()), TINY)) + 1 / len(rest)
    alike = min(max(alike, 0.0), MOST_ALIKE)
    spread = max(float(rest.std(ddof=1)) * np.sqrt((1 + alike) / (1 - alike)), LEAST_SPREAD)
    above = (np.log(np.maximum(values, TINY)) - usual.mean()) / spread - SLACK
    total, sums = 0.0, []
    for step in np.nan_to_num(above, nan=0.0):
        total = max(0.0, total + float(step))
        sums.append(total)
    return np.array(sums)


def needs_refit(recent: Array, reference: Array, age: int, most: int) -> Verdict:
    """Tell whether a model must be learned anew, and why.

    Parameters
    ----------
    recent : (d,) array
        Daily losses since it was learned, see `daily_loss`; empty where no sales came in since.
    reference : (D,) array
        Daily losses in its backtest.
    age, most : int
        Days since it was learned, and after how many it is too old anyway.
    """
    if age >= most:
        return Verdict(True, f"it is {age} days old, at most {most} are allowed")
    if np.isfinite(reference).sum() < LEAST_REFERENCE:
        return Verdict(True, "its backtest is too short to tell whether its errors grow")
    sums = cusum(recent, reference)
    if len(sums) and sums.max() > LIMIT:
        usual, now = np.nanmean(reference), np.nanmean(recent)
        return Verdict(True, f"its errors drift: {now:.3g} a day, {usual:.3g} in the backtest")
    return Verdict(False, f"its errors of {int(np.isfinite(recent).sum())} days are the usual ones")


def takes_over(champion: Array, challenger: Array) -> Verdict | None:
    """Tell whether a challenger does better than the champion on days that both forecast.

    After one week, and every day after it, it may be shown to (Diebold & Mariano, 1995, one-sided at 5%);
    after two weeks without that the champion stays.

    Parameters
    ----------
    champion, challenger : (d,) arrays
        Their daily losses on the same days, in order, see `daily_loss`.

    Returns
    -------
    Verdict or None
        None while there is too little to decide.
    """
    difference = champion - challenger
    difference = difference[np.isfinite(difference)]
    days = len(difference)
    if days < LEAST_DAYS:
        return None
    losses = f"{np.nanmean(challenger):.3g} against {np.nanmean(champion):.3g} on {days} days"
    _, p_value = diebold_mariano(difference[None], AHEAD)
    better = bool(difference.mean() > 0)
    if better and p_value[0] < SURE:
        return Verdict(True, f"the challenger errs less: {losses}")
    if days >= ENOUGH_DAYS or (not better and p_value[0] < SURE):
        return Verdict(False, f"the challenger is not shown to err less: {losses}")
    return None

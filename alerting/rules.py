"""What a rule looks for in the days of a product: on each day from what was known by its end alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from alerting.days import Days, Flags, Floats, following, ratio, trailing
from alerting.shares import difference

WINDOW = 7
BASE = 28
BURST = 3
AHEAD = 14
LEAST = 3
"""Complaints, or suspects, below which no share of them is spoken of."""

SENSITIVITIES = (1, 2, 3, 4, 5)

_SURENESS = (4.0, 3.3, 2.6, 2.0, 1.5)
LEVELS: dict[str, tuple[float, ...]] = {
    "negative_share": _SURENESS,
    "aspect_complaints": _SURENESS,
    "net_sentiment": _SURENESS,
    "below_band": (7, 5, 4, 3, 2),
    "forecast_falls": (0.5, 0.4, 0.3, 0.2, 0.1),
    "forecast_rises": (0.5, 0.4, 0.3, 0.2, 0.1),
    "stockout": (5, 4, 3, 2, 1),
    "suspect_burst": _SURENESS,
}
"""What each sensitivity from 1 to 5 asks for: standard errors, days, or a share of the sales."""

KINDS = tuple(LEVELS)


@dataclass(frozen=True)
class Rule:
    """What is looked for; `aspect` restricts complaints to one aspect, "" looks at each.

    Raises
    ------
    ValueError
        The kind or the sensitivity is unknown.
    """

    kind: str
    sensitivity: int = 3
    aspect: str = ""

    def __post_init__(self) -> None:
        if self.kind not in LEVELS:
            raise ValueError(f"unknown kind of rule {self.kind!r}; known are {', '.join(KINDS)}")
        if self.sensitivity not in SENSITIVITIES:
            raise ValueError(f"a sensitivity is 1 to 5, not {self.sensitivity}")

    @property
    def level(self) -> float:
        """What its sensitivity asks for."""
        return LEVELS[self.kind][self.sensitivity - 1]


@dataclass(frozen=True)
class Signal:
    """What a rule sees on each day of a product; arrays of shape (days,).

    Attributes
    ----------
    aspect
        Which aspect it is about, "" where none.
    fires
        Whether it speaks.
    now, before
        What is compared: shares, net sentiment, or units a day.
    low, high
        The ends of the 95% interval of ``now - before``, NaN where there is none.
    n, n_before
        Reviews, or days, behind both.
    after
        What `now` became over the seven days that follow, NaN while they are not over.
    """

    aspect: str
    fires: Flags
    now: Floats
    before: Floats
    low: Floats
    high: Floats
    n: Floats
    n_before: Floats
    after: Floats


def signals(rule: Rule, days: Days) -> list[Signal]:
    """Return what a rule sees in a product's days: one signal, or one per aspect that is complained about."""
    if rule.kind == "aspect_complaints":
        wanted = [rule.aspect] if rule.aspect else days.aspects
        return [_share(rule, days, f"complaints:{aspect}", WINDOW, aspect) for aspect in wanted]
    return [_SEES[rule.kind](rule, days)]


def _share(rule: Rule, days: Days, column: str, window: int, aspect: str = "") -> Signal:
    """Compare a share of the reviews of the last days with that of the 28 days before them."""
    count, total = trailing(days[column], window), trailing(days["reviews"], window)
    old, all_old = trailing(days[column], BASE, window), trailing(days["reviews"], BASE, window)
    surely, _ = difference(count, total, old, all_old, rule.level)
    low, high = difference(count, total, old, all_old)
    return Signal(
        aspect=aspect,
        fires=(surely > 0) & (count >= LEAST),
        now=ratio(count, total),
        before=ratio(old, all_old),
        low=low,
        high=high,
        n=total,
        n_before=all_old,
        after=ratio(following(days[column], WINDOW), following(days["reviews"], WINDOW)),
    )


def _negative(rule: Rule, days: Days) -> Signal:
    return _share(rule, days, "negative", WINDOW)


def _suspects(rule: Rule, days: Days) -> Signal:
    return _share(rule, days, "suspects", BURST)


def _net(rule: Rule, days: Days) -> Signal:
    """Compare net sentiment, by the variance of what is 1, 0 or -1 with one half of each added to few."""
    now, spread, n = _net_of(days, WINDOW, 0)
    before, old_spread, n_before = _net_of(days, BASE, WINDOW)
    error = np.sqrt(spread + old_spread)
    fell = now - before
    return Signal(
        aspect="",
        fires=(fell < -rule.level * error) & (trailing(days["negative"], WINDOW) >= LEAST),
        now=now,
        before=before,
        low=fell - 1.96 * error,
        high=fell + 1.96 * error,
        n=n,
        n_before=n_before,
        after=ratio(
            following(days["positive"], WINDOW) - following(days["negative"], WINDOW),
            following(days["reviews"], WINDOW),
        ),
    )


def _net_of(days: Days, window: int, lag: int) -> tuple[Floats, Floats, Floats]:
    good, bad = trailing(days["positive"], window, lag), trailing(days["negative"], window, lag)
    n = trailing(days["reviews"], window, lag)
    # Without the half of a kind, three reviews that agree would have no spread at all.
    liked, disliked = ratio(good + 0.5, n + 1.5), ratio(bad + 0.5, n + 1.5)
    spread = liked + disliked - (liked - disliked) ** 2
    return ratio(good - bad, n), ratio(spread, n), n


def _below_band(rule: Rule, days: Days) -> Signal:
    """Look for so many ordinary days in a row below the band; other days neither count nor interrupt."""
    need = int(rule.level)
    told = days.ordinary & ~np.isnan(days["low"])
    below = days["units"] < days["low"]
    streak, run = np.zeros(len(days)), 0
    for place in np.flatnonzero(told):
        run = run + 1 if below[place] else 0
        streak[place] = run
    n = trailing(told.astype(float), WINDOW)
    expected = np.where(told, days["yhat"], 0.0)
    return _units(days, told & (streak >= need), told, ratio(trailing(expected, WINDOW), n), n)


def _falls(rule: Rule, days: Days) -> Signal:
    return _ahead(days, lambda now, before: now < before * (1 - rule.level))


def _rises(rule: Rule, days: Days) -> Signal:
    return _ahead(days, lambda now, before: now > before * (1 + rule.level))


def _ahead(days: Days, moved: Callable[[Floats, Floats], Flags]) -> Signal:
    """Compare the forecast of the next 14 days with the last 14, where both hold as many special days."""
    known = (~np.isnan(days["units"])).astype(float)
    special = np.nan_to_num(days["special"])
    alike = np.nan_to_num(days["special_ahead"]) == trailing(special, AHEAD)
    whole = trailing(known, AHEAD) == AHEAD
    now, before = days["ahead"] / AHEAD, trailing(days["units"], AHEAD) / AHEAD
    fires = ~np.isnan(now) & whole & alike & (before > 0) & moved(now, before)
    empty = np.full(len(days), np.nan)
    n = np.full(len(days), float(AHEAD))
    return Signal("", fires, now, before, empty, empty, n, n, _sold_after(days))


def _stockout(rule: Rule, days: Days) -> Signal:
    """Count days out of stock among the last seven."""
    empty = (np.nan_to_num(days["stockout"]) > 0).astype(float)
    count, nothing = trailing(empty, WINDOW), np.full(len(days), np.nan)
    week = np.full(len(days), float(WINDOW))
    return Signal(
        aspect="",
        fires=(count >= rule.level) & (empty > 0),
        now=count / WINDOW,
        before=np.zeros(len(days)),
        low=nothing,
        high=nothing,
        n=week,
        n_before=week,
        after=following(empty, WINDOW) / WINDOW,
    )


def _units(days: Days, fires: Flags, counted: Flags, before: Floats, n: Floats) -> Signal:
    sold = trailing(np.where(counted, days["units"], 0.0), WINDOW)
    empty = np.full(len(days), np.nan)
    return Signal("", fires, ratio(sold, n), before, empty, empty, n, n, _sold_after(days))


def _sold_after(days: Days) -> Floats:
    """Return units a day over the ordinary days of the week after each day."""
    ordinary = days.ordinary
    return ratio(
        following(np.where(ordinary, days["units"], 0.0), WINDOW), following(ordinary.astype(float), WINDOW)
    )


_SEES: dict[str, Callable[[Rule, Days], Signal]] = {
    "negative_share": _negative,
    "net_sentiment": _net,
    "below_band": _below_band,
    "forecast_falls": _falls,
    "forecast_rises": _rises,
    "stockout": _stockout,
    "suspect_burst": _suspects,
}

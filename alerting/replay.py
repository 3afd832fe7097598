"""How often a rule would have spoken, and how often for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from alerting.days import Days, Flags, Floats, following, ratio, trailing
from alerting.rules import BASE, WINDOW, Rule, Signal, signals
from alerting.shares import wilson

QUIET = 7
"""Days without a signal after which a further one is a new alarm."""

FALL = 0.9
"""Sales of at most this share of those before have fallen."""

REMAINS = 0.5
"""Share of a move that must be left for it to have gone on."""

MONTH = 30


@dataclass(frozen=True)
class Alarm:
    """One alarm of the past; `was_false` is None while its seven days are not over."""

    product_id: int
    aspect: str
    day: date
    now: float
    before: float
    n: int
    was_false: bool | None


@dataclass(frozen=True)
class Replay:
    """What a rule would have said about some products over some days.

    Attributes
    ----------
    alarms
        Newest first.
    product_days
        Days with anything known, of all products together.
    judged, false
        Alarms whose following seven days are over, and those of them that were false: neither did sales fall
        by a tenth nor was half of the move still there.
    """

    products: int
    days: int
    product_days: int
    alarms: tuple[Alarm, ...]

    @property
    def judged(self) -> int:
        """Alarms that can be told right from false."""
        return sum(alarm.was_false is not None for alarm in self.alarms)

    @property
    def false(self) -> int:
        """Alarms that were false."""
        return sum(alarm.was_false is True for alarm in self.alarms)

    @property
    def per_month(self) -> float:
        """Alarms per product and thirty days."""
        return len(self.alarms) * MONTH / self.product_days if self.product_days else 0.0

    @property
    def false_share(self) -> tuple[float, float, float] | None:
        """The share of false alarms with its 95% interval; None without a judged one."""
        if not self.judged:
            return None
        low, high = wilson(np.array([float(self.false)]), np.array([float(self.judged)]))
        return self.false / self.judged, float(low[0]), float(high[0])


def replay(rule: Rule, products: Mapping[int, Days], days: int = 365) -> Replay:
    """Let a rule look at each of the last days of products, with what was known by its end.

    Parameters
    ----------
    products
        Product id to its days, all ending on the same day. Days before the last `days` are only looked back
        at.
    """
    found = [alarm for id, known in products.items() for alarm in _alarms(rule, id, known, days)]
    spans = [min(days, _known(known)) for known in products.values()]
    ordered = sorted(found, key=lambda alarm: (alarm.day, alarm.product_id, alarm.aspect), reverse=True)
    return Replay(len(products), max(spans, default=0), sum(spans), tuple(ordered))


def _known(days: Days) -> int:
    """Return how many days have passed since the first with a review or with known sales."""
    seen = (np.nan_to_num(days["reviews"]) > 0) | ~np.isnan(days["units"])
    return len(days) - int(np.argmax(seen)) if seen.any() else 0


def starts(fires: Flags) -> list[int]:
    """Return the places where a rule speaks after at least seven days of silence."""
    places = np.flatnonzero(fires)
    new = np.diff(places, prepend=-QUIET - 1) > QUIET
    return [int(place) for place in places[new]]


def fell(days: Days) -> Flags:
    """Tell for each day whether units a day of the next seven fell by a tenth of the 28 up to it.

    Days without stock, promotions and festivals are left out of both.
    """
    ordinary = days.ordinary
    units, counted = np.where(ordinary, days["units"], 0.0), ordinary.astype(float)
    before = ratio(trailing(units, BASE), trailing(counted, BASE))
    after = ratio(following(units, WINDOW), following(counted, WINDOW))
    return after <= FALL * before


def went_on(signal: Signal) -> Flags:
    """Tell for each day whether at least half of the move was left in the seven days after."""
    moved: Floats = signal.now - signal.before
    left = signal.after - signal.before
    return np.where(moved >= 0, left >= REMAINS * moved, left <= REMAINS * moved)


def _alarms(rule: Rule, product_id: int, days: Days, last: int) -> Iterator[Alarm]:
    dropped = fell(days)
    for signal in signals(rule, days):
        # That sales fall proves nothing about a forecast that they rise.
        right = went_on(signal) | (dropped & (rule.kind != "forecast_rises"))
        for place in starts(signal.fires):
            if place < len(days) - last:
                continue
            over = place + WINDOW < len(days)
            yield Alarm(
                product_id,
                signal.aspect,
                days.day(place),
                float(signal.now[place]),
                float(signal.before[place]),
                int(signal.n[place]),
                not bool(right[place]) if over else None,
            )

"""What moves the forecast: a waterfall from the usual level to the total ahead, drawn on the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Literal

from reports.causes import Cause, cause

MOST = 7
POINT = 1.2
ROOM = 100 - POINT


@dataclass(frozen=True)
class Bar:
    """A row; `x` and `width` are percent of the drawing.

    A driver is a floating bar (`kind` up or down). A level is a point (`kind` level), never a bar, because
    the axis does not start at zero. An aspect of the reviews has a `polarity`, and `reviews` are the ids of
    those behind a bar.
    """

    name: str
    kind: Literal["up", "down", "level"]
    value: float
    x: float
    width: float
    polarity: str = ""
    reviews: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Effect:
    """What one cause does, in units, and the reviews behind it."""

    cause: Cause
    units: float = 0.0
    reviews: tuple[int, ...] = ()

    def __add__(self, other: "_Effect") -> "_Effect":
        return _Effect(self.cause, self.units + other.units, (*self.reviews, *other.reviews))


def waterfall(drivers: Sequence[Mapping[str, Any]] | None, total: float | None) -> list[Bar]:
    """Lay out drivers (`name`, `group`, `effect` in units over the horizon, `reviews`), the strongest first.

    Drivers of one group are one bar, as a reader would count them; of sentiment each aspect is one.
    The usual level is the total without the effects. More than seven drivers: the weakest are joined.
    Empty where there is no driver with an effect.
    """
    effects = _strongest(_by_cause(drivers or ()))
    if not effects or total is None:
        return []
    usual = total - sum(effect.units for effect in effects)
    levels = list(accumulate((effect.units for effect in effects), initial=usual))
    low, scale = min(levels), ROOM / ((max(levels) - min(levels)) or 1)
    across = [round((level - low) * scale, 2) for level in levels]
    bars = [_bar(effect, pair) for effect, pair in zip(effects, pairwise(across), strict=True)]
    return [
        Bar("usual", "level", usual, across[0], POINT),
        *bars,
        Bar("ahead", "level", total, across[-1], POINT),
    ]


def _bar(effect: _Effect, pair: tuple[float, float]) -> Bar:
    (name, polarity), width = effect.cause, round(abs(pair[1] - pair[0]) + POINT, 2)
    kind: Literal["up", "down"] = "up" if effect.units > 0 else "down"
    return Bar(name, kind, effect.units, min(pair), width, polarity, effect.reviews)


def _by_cause(drivers: Sequence[Mapping[str, Any]]) -> list[_Effect]:
    joined: dict[Cause, _Effect] = {}
    for driver in drivers:
        named = cause(driver)
        found = _Effect(named, float(driver["effect"]), tuple(driver.get("reviews", ())))
        joined[named] = joined.get(named, _Effect(named)) + found
    return [effect for effect in joined.values() if effect.units]


def _strongest(effects: list[_Effect]) -> list[_Effect]:
    ordered = sorted(effects, key=lambda effect: -abs(effect.units))
    if len(ordered) <= MOST:
        return ordered
    return [*ordered[: MOST - 1], sum(ordered[MOST - 1 :], start=_Effect(("others", "")))]
